#include "coordinator/service/worker_service.h"

#include "caviar/v1/worker_service.grpc.pb.h"
#include "coordinator/service/artifact_download.h"
#include "coordinator/service/artifact_upload.h"
#include "coordinator/service/worker_session.h"

namespace caviar::service {
namespace {

class WorkerService final : public v1::WorkerService::CallbackService {
 public:
  explicit WorkerService(const ServiceParts& parts) : parts_(parts) {}

  grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* Session(
      grpc::CallbackServerContext*) override {
    return WorkerSession::Start(parts_);
  }

  grpc::ServerWriteReactor<v1::ArtifactChunk>* GetArtifact(
      grpc::CallbackServerContext*, const v1::GetArtifactRequest* request) override {
    const auto download = ArtifactDownload<v1::ArtifactChunk>::Start(parts_);
    download->Begin(request->digest(), request->offset(), v1::ArtifactChunk());
    return download.get();
  }

  grpc::ServerReadReactor<v1::PutArtifactRequest>* PutArtifact(grpc::CallbackServerContext*,
                                                               v1::PutArtifactResponse*) override {
    return ArtifactUpload::Start(parts_);
  }

 private:
  const ServiceParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeWorkerService(const ServiceParts& parts) {
  return std::make_unique<WorkerService>(parts);
}

}  // namespace caviar::service
