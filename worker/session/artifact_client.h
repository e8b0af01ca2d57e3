// Artifacts over the wire: one try at getting or putting bytes by digest. Whoever calls decides
// about trying again.
//
// Threads: thread-safe; each call blocks its thread.
// Errors:  the other side's; kUnavailable and kDeadlineExceeded for a link that broke or hung;
//          kCancelled once `stop` fired.
#ifndef CAVIAR_WORKER_SESSION_ARTIFACT_CLIENT_H_
#define CAVIAR_WORKER_SESSION_ARTIFACT_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/runtime/attempt.h"

namespace grpc {
class Channel;
}

namespace caviar::session {

// The transport, as a seam: the cache's rules are tested without a network.
class ArtifactTransport {
 public:
  virtual ~ArtifactTransport() = default;
  // Passes the bytes from `offset` on to `sink` in order, and the artifact's whole size with each.
  // An error of the sink ends the call and is returned.
  using Sink = std::function<absl::Status(absl::string_view bytes, uint64_t total_bytes)>;
  virtual absl::Status Get(absl::string_view digest, uint64_t offset, std::stop_token stop,
                           const Sink& sink) = 0;
  // OK once the bytes are durable over there.
  virtual absl::Status Put(const runtime::Artifact& artifact, std::stop_token stop) = 0;
};

class ArtifactClient : public ArtifactTransport {
 public:
  // A call that moves no byte for long ends by its deadline: this much, and more for large puts.
  static constexpr int kDeadlineSeconds = 60;
  // Slower links than this, in bytes a second, cannot put large artifacts.
  static constexpr int kSlowestLink = 128 << 10;

  explicit ArtifactClient(std::shared_ptr<grpc::Channel> channel);
  ~ArtifactClient() override;

  absl::Status Get(absl::string_view digest, uint64_t offset, std::stop_token stop,
                   const Sink& sink) override;
  absl::Status Put(const runtime::Artifact& artifact, std::stop_token stop) override;

 private:
  struct Stub;
  std::unique_ptr<Stub> stub_;
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_ARTIFACT_CLIENT_H_
