#include "worker/session/artifact_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "caviar/v1/worker_service.grpc.pb.h"
#include "common/rpc/server_options.h"
#include "common/rpc/status_conversion.h"

namespace caviar::session {
namespace {

void Prepare(grpc::ClientContext& context, uint64_t bytes) {
  // While the coordinator restarts, wait for it rather than fail until gRPC dials again.
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(ArtifactClient::kDeadlineSeconds +
                                            bytes / ArtifactClient::kSlowestLink));
}

}  // namespace

struct ArtifactClient::Stub {
  std::unique_ptr<v1::WorkerService::Stub> service;
};

ArtifactClient::ArtifactClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(std::make_unique<Stub>()) {
  stub_->service = v1::WorkerService::NewStub(std::move(channel));
}

ArtifactClient::~ArtifactClient() = default;

absl::Status ArtifactClient::Get(absl::string_view digest, uint64_t offset, std::stop_token stop,
                                 const Sink& sink) {
  grpc::ClientContext context;
  // A long transfer that is cut here has made progress and goes on from its offset.
  Prepare(context, 0);
  const std::stop_callback on_stop(stop, [&context] { context.TryCancel(); });
  v1::GetArtifactRequest request;
  request.set_digest(std::string(digest));
  request.set_offset(offset);
  const auto reader = stub_->service->GetArtifact(&context, request);
  v1::ArtifactChunk chunk;
  absl::Status sunk;
  uint64_t total_bytes = 0;
  while (sunk.ok() && reader->Read(&chunk)) {
    total_bytes = std::max<uint64_t>(total_bytes, chunk.total_bytes());
    sunk = sink(chunk.data(), total_bytes);
  }
  if (!sunk.ok()) context.TryCancel();
  const absl::Status status = FromGrpcStatus(reader->Finish());
  return sunk.ok() ? status : sunk;
}

absl::Status ArtifactClient::Put(const runtime::Artifact& artifact, std::stop_token stop) {
  grpc::ClientContext context;
  Prepare(context, artifact.bytes->size());
  const std::stop_callback on_stop(stop, [&context] { context.TryCancel(); });
  v1::PutArtifactResponse response;
  const auto writer = stub_->service->PutArtifact(&context, &response);
  v1::PutArtifactRequest request;
  request.set_digest(artifact.digest);
  const absl::string_view bytes = *artifact.bytes;
  for (size_t offset = 0; offset == 0 || offset < bytes.size(); offset += kChunkBytesMax) {
    request.set_data(std::string(bytes.substr(offset, kChunkBytesMax)));
    if (!writer->Write(request)) break;  // answered early; Finish says how
    request.clear_digest();
  }
  writer->WritesDone();
  return FromGrpcStatus(writer->Finish());
}

}  // namespace caviar::session
