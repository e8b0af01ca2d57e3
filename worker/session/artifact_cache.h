// Data sets and checkpoints of the coordinator as files of this machine, by digest.
//
// A file is hashed once in each process before it is used, however it got here; one whose bytes are
// not those of its name is fetched again. A transfer that breaks goes on from where it stood, also
// after a restart. When the files together exceed the bound, those used longest ago are removed,
// never one that is in use.
//
// Threads:   thread-safe. Two that want the same artifact fetch it once.
// Ownership: the directory is the cache's alone; the transport must outlive it.
// Errors:    kNotFound when the coordinator has no such artifact, kCancelled by `stop`,
//            kInvalidArgument for what is no digest, file-system errors as they are. A broken link
//            is no error: it is tried again until `stop`.
#ifndef CAVIAR_WORKER_SESSION_ARTIFACT_CACHE_H_
#define CAVIAR_WORKER_SESSION_ARTIFACT_CACHE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "worker/runtime/artifact_source.h"
#include "worker/session/artifact_client.h"

namespace caviar::session {

class ArtifactCache : public runtime::ArtifactSource {
 public:
  struct Options {
    std::string directory;             // created if missing
    uint64_t bytes_max = 20ull << 30;  // of unused files; what is in use may exceed it
    absl::Duration retry_first = absl::Milliseconds(500);  // then doubling …
    absl::Duration retry_last = absl::Seconds(10);         // … up to this
  };
  // Transfers that end with other bytes than promised: after this many, the coordinator's copy
  // must be broken.
  static constexpr int kCorruptTransfersMax = 3;

  static absl::StatusOr<std::unique_ptr<ArtifactCache>> Open(Options options,
                                                             ArtifactTransport& transport);

  absl::StatusOr<std::shared_ptr<const runtime::LocalArtifact>> Fetch(
      absl::string_view digest, std::stop_token stop) override;

 private:
  struct Entry {
    uint64_t bytes = 0;
    uint64_t used = 0;         // counts up with each use
    bool is_verified = false;  // in this process
    bool is_busy = false;      // somebody hashes or fetches it
    std::weak_ptr<const runtime::LocalArtifact> in_use;
  };

  ArtifactCache(Options options, ArtifactTransport& transport);
  absl::Status Scan();
  std::string PathOf(const std::string& digest) const;
  std::string PartialPathOf(const std::string& digest) const;
  // Leaves a verified file at PathOf(digest) and gives its size. Called without the lock, by the
  // one who set is_busy.
  absl::StatusOr<uint64_t> MakeReady(const std::string& digest, std::stop_token stop);
  absl::Status Download(const std::string& digest, std::stop_token stop);
  // One transfer into the partial file; `has_moved` tells whether any byte came.
  absl::Status DownloadOnce(const std::string& digest, std::stop_token stop, bool& has_moved);
  void EvictLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  ArtifactTransport& transport_;
  Mutex mutex_;
  CondVar changed_;
  uint64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_ARTIFACT_CACHE_H_
