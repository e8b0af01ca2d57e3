// Streams one artifact to a client in chunks, one chunk in memory, reading on the io pool.
//
// Chunk is v1::ArtifactChunk or v1::ModelChunk: total_bytes in the first message, data in each.
//
// Threads:   Begin or Fail once, from any thread; the rest is gRPC's. One of them always follows
//            Start.
// Ownership: holds itself until gRPC is done with it.
#ifndef CAVIAR_COORDINATOR_SERVICE_ARTIFACT_DOWNLOAD_H_
#define CAVIAR_COORDINATOR_SERVICE_ARTIFACT_DOWNLOAD_H_

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/server_options.h"
#include "common/rpc/status_conversion.h"
#include "common/sync/mutex.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/service_parts.h"
#include "coordinator/service/task_pool.h"
#include "coordinator/store/artifact_store.h"

namespace caviar::service {

template <typename Chunk>
class ArtifactDownload final : public grpc::ServerWriteReactor<Chunk> {
 public:
  static std::shared_ptr<ArtifactDownload> Start(const ServiceParts& parts) {
    std::shared_ptr<ArtifactDownload> download(new ArtifactDownload(parts));
    download->self_ = download;
    return download;
  }

  // Streams the bytes from `offset` on. `first` holds what else the first message says.
  void Begin(std::string digest, uint64_t offset, Chunk first) {
    MutexLock lock(&mutex_);
    digest_ = std::move(digest);
    offset_ = offset;
    chunk_ = std::move(first);
    ReadNext(/*is_first=*/true);
  }

  void Fail(const absl::Status& why) {
    MutexLock lock(&mutex_);
    this->Finish(ToGrpcStatus(why));
  }

 private:
  explicit ArtifactDownload(const ServiceParts& parts)
      : token_(parts.calls.Start()), artifacts_(parts.artifacts), io_(parts.io) {}

  void OnWriteDone(bool ok) override {
    MutexLock lock(&mutex_);
    if (!ok) return this->Finish(ToGrpcStatus(absl::CancelledError("the caller is gone")));
    chunk_ = Chunk();
    ReadNext(/*is_first=*/false);
  }

  void OnDone() override { const std::shared_ptr<ArtifactDownload> last = std::move(self_); }

  void ReadNext(bool is_first) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // Shares this: after Finish gRPC may be done with it at any moment.
    io_.Run([self = self_, is_first] {
      MutexLock lock(&self->mutex_);
      const absl::Status filled = self->Fill(is_first);
      if (!filled.ok() || (!is_first && self->chunk_.data().empty())) {
        return self->Finish(ToGrpcStatus(filled));
      }
      self->StartWrite(&self->chunk_);
    });
  }

  absl::Status Fill(bool is_first) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (is_first) {
      const absl::StatusOr<uint64_t> size = artifacts_.Size(digest_);
      if (!size.ok()) return size.status();
      if (offset_ > *size) {
        return absl::OutOfRangeError(absl::StrCat(
            "offset ", offset_, " is past the end of artifact ", digest_, " (", *size, " bytes)"));
      }
      chunk_.set_total_bytes(*size);
    }
    absl::StatusOr<std::string> bytes = artifacts_.Read(digest_, offset_, kChunkBytesMax);
    if (!bytes.ok()) return bytes.status();
    offset_ += bytes->size();
    chunk_.set_data(*std::move(bytes));
    return absl::OkStatus();
  }

  const CallCounter::Token token_;
  store::ArtifactStore& artifacts_;
  TaskPool& io_;
  std::shared_ptr<ArtifactDownload> self_;

  Mutex mutex_;
  std::string digest_ ABSL_GUARDED_BY(mutex_);
  uint64_t offset_ ABSL_GUARDED_BY(mutex_) = 0;
  Chunk chunk_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_ARTIFACT_DOWNLOAD_H_
