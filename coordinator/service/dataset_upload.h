// One CreateDataset call: the user's files go to a spool on the io pool, the importer turns them
// into an artifact on its own thread, and the engine puts that on record and answers.
//
// A call that is cancelled, or whose link breaks, before the client has said that it is complete
// leaves nothing.
//
// Threads:   gRPC's and the pools'.
// Ownership: holds itself until gRPC is done with it; those who work for it share it.
#ifndef CAVIAR_COORDINATOR_SERVICE_DATASET_UPLOAD_H_
#define CAVIAR_COORDINATOR_SERVICE_DATASET_UPLOAD_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "common/sync/mutex.h"
#include "coordinator/datasets/upload_spool.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/idle_limit.h"
#include "coordinator/service/service_parts.h"

namespace caviar::service {

class DatasetUpload final : public grpc::ServerReadReactor<v1::CreateDatasetRequest>,
                            public std::enable_shared_from_this<DatasetUpload> {
 public:
  // `response` is gRPC's: valid until the answer.
  static DatasetUpload* Start(const ServiceParts& parts, v1::Dataset* response);

 private:
  DatasetUpload(const ServiceParts& parts, v1::Dataset* response)
      : token_(parts.calls.Start()), parts_(parts), response_(response) {}

  void OnReadDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // The message that was read.
  absl::Status Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StartImport() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The importer is done; what it made is durable, but on no record yet.
  void Imported(absl::StatusOr<v1::Dataset> dataset);
  absl::Status Post(const v1::Dataset& dataset) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Answer(absl::StatusOr<v1::Dataset> answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CallCounter::Token token_;
  const ServiceParts parts_;
  std::shared_ptr<DatasetUpload> self_;  // until OnDone: gRPC's share of this object
  std::shared_ptr<IdleLimit> idle_;      // set by Start

  Mutex mutex_;
  v1::Dataset* const response_ ABSL_PT_GUARDED_BY(mutex_);
  v1::CreateDatasetRequest incoming_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::CreateDatasetRequest::Start> start_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<datasets::UploadSpool> spool_ ABSL_GUARDED_BY(mutex_);
  // A read is in flight or its message is being stored: the end is answered from there.
  bool is_receiving_ ABSL_GUARDED_BY(mutex_) = true;
  bool is_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_answered_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_DATASET_UPLOAD_H_
