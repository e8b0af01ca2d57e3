// Receives one artifact from a worker, writing on the io pool: the next chunk is read once the one
// before is in the file, and the answer comes once all is durable and has the digest that was
// named.
//
// Threads:   gRPC's.
// Ownership: holds itself until gRPC is done with it.
#ifndef CAVIAR_COORDINATOR_SERVICE_ARTIFACT_UPLOAD_H_
#define CAVIAR_COORDINATOR_SERVICE_ARTIFACT_UPLOAD_H_

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "caviar/v1/worker_service.pb.h"
#include "common/sync/mutex.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/service_parts.h"
#include "coordinator/store/artifact_store.h"

namespace caviar::service {

class ArtifactUpload final : public grpc::ServerReadReactor<v1::PutArtifactRequest> {
 public:
  // A checkpoint of the largest network that fits into a worker is far smaller; a peer that never
  // ends must not fill the disk.
  static constexpr uint64_t kBytesMax = uint64_t{4} << 30;

  static ArtifactUpload* Start(const ServiceParts& parts);

 private:
  explicit ArtifactUpload(const ServiceParts& parts) : token_(parts.calls.Start()), parts_(parts) {}

  void OnReadDone(bool ok) override;
  void OnDone() override;

  // Takes the chunk that was read; the first one opens the file.
  absl::Status Append() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // After the last chunk.
  absl::Status Complete() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CallCounter::Token token_;
  const ServiceParts parts_;
  std::shared_ptr<ArtifactUpload> self_;

  Mutex mutex_;
  v1::PutArtifactRequest incoming_ ABSL_GUARDED_BY(mutex_);
  std::string digest_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<store::ArtifactStore::Writer> writer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_ARTIFACT_UPLOAD_H_
