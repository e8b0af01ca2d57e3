// Where attempts get data sets and checkpoints from: files of this machine, by digest.
#ifndef CAVIAR_WORKER_RUNTIME_ARTIFACT_SOURCE_H_
#define CAVIAR_WORKER_RUNTIME_ARTIFACT_SOURCE_H_

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::runtime {

// A file whose bytes have the digest asked for. It is not removed while this lives.
struct LocalArtifact {
  std::string path;
};

// Threads: thread-safe.
class ArtifactSource {
 public:
  virtual ~ArtifactSource() = default;
  // Blocks until the artifact is here and verified. kCancelled once `stop` fires; kNotFound if
  // nobody has it; other errors say what cannot be overcome by waiting (a full disk …).
  virtual absl::StatusOr<std::shared_ptr<const LocalArtifact>> Fetch(absl::string_view digest,
                                                                     std::stop_token stop) = 0;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_ARTIFACT_SOURCE_H_
