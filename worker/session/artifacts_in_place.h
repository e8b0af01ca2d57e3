// Data sets and checkpoints where a coordinator on this machine keeps them, used there and not
// copied: a run on one machine starts the sooner the larger its data set is. What is not there, may
// not be read or does not have the bytes of its name comes from elsewhere.
//
// A file is hashed once in each process before it is used. The coordinator may remove one while it
// is in use, which nobody who has it open notices.
//
// Threads:   thread-safe. Two that want the same artifact hash it once.
// Ownership: `otherwise` must outlive it. Only reads in the directory.
// Errors:    those of `otherwise`.
#ifndef CAVIAR_WORKER_SESSION_ARTIFACTS_IN_PLACE_H_
#define CAVIAR_WORKER_SESSION_ARTIFACTS_IN_PLACE_H_

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sync/mutex.h"
#include "worker/runtime/artifact_source.h"

namespace caviar::session {

class ArtifactsInPlace : public runtime::ArtifactSource {
 public:
  // `directory`: the coordinator's artifacts, DIR/ab/abcdef… each.
  ArtifactsInPlace(std::string directory, runtime::ArtifactSource& otherwise)
      : directory_(std::move(directory)), otherwise_(otherwise) {}

  absl::StatusOr<std::shared_ptr<const runtime::LocalArtifact>> Fetch(
      absl::string_view digest, std::stop_token stop) override;

 private:
  // Empty if it cannot be used.
  std::string PathOf(absl::string_view digest) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string directory_;
  runtime::ArtifactSource& otherwise_;
  Mutex mutex_;
  std::set<std::string> verified_ ABSL_GUARDED_BY(mutex_);  // digests
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_ARTIFACTS_IN_PLACE_H_
