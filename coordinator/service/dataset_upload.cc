#include "coordinator/service/dataset_upload.h"

#include <utility>
#include <variant>

#include "common/rpc/status_conversion.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::service {
namespace {

absl::Status Cancelled() { return absl::CancelledError("cancelled by the caller"); }

}  // namespace

DatasetUpload* DatasetUpload::Start(const ServiceParts& parts, v1::Dataset* response) {
  std::shared_ptr<DatasetUpload> upload(new DatasetUpload(parts, response));
  upload->self_ = upload;
  MutexLock lock(&upload->mutex_);
  upload->StartRead(&upload->incoming_);
  return upload.get();
}

void DatasetUpload::OnReadDone(bool ok) {
  parts_.io.Run([self = shared_from_this(), ok] {
    MutexLock lock(&self->mutex_);
    if (self->is_cancelled_) return self->Answer(Cancelled());
    const absl::Status done = ok ? self->Append() : self->StartImport();
    if (!done.ok()) return self->Answer(done);
    if (ok) self->StartRead(&self->incoming_);
  });
}

absl::Status DatasetUpload::Append() {
  if (incoming_.has_start()) {
    if (start_.has_value()) return absl::InvalidArgumentError("start was sent twice");
    start_ = std::move(*incoming_.mutable_start());
    CAVIAR_ASSIGN_OR_RETURN(spool_, parts_.importer.NewUpload());
    return absl::OkStatus();
  }
  if (!start_.has_value()) {
    return absl::InvalidArgumentError("the first message must be start, with the settings");
  }
  return spool_->Append(incoming_.chunk());
}

absl::Status DatasetUpload::StartImport() {
  if (!start_.has_value()) return absl::InvalidArgumentError("nothing was uploaded");
  is_receiving_ = false;
  return parts_.importer.Import(
      std::move(spool_), *start_,
      // Another data set of the same bytes may be deleted at any moment.
      [&janitor = parts_.janitor](const std::string& digest) { janitor.Announce(digest); },
      [self = shared_from_this()](absl::StatusOr<v1::Dataset> dataset) {
        self->Imported(std::move(dataset));
      });
}

void DatasetUpload::Imported(absl::StatusOr<v1::Dataset> dataset) {
  MutexLock lock(&mutex_);
  if (!dataset.ok()) return Answer(dataset.status());
  // Again: storing may have taken long. And letting go of it below, right after an announcement,
  // removes it only if nobody else has the same data set.
  parts_.janitor.Announce(dataset->digest());
  const absl::Status posted = is_cancelled_ ? Cancelled() : Post(*dataset);
  if (posted.ok()) return;
  parts_.janitor.Release(dataset->digest());
  Answer(posted);
}

absl::Status DatasetUpload::Post(const v1::Dataset& dataset) {
  const engine::RequestId id = parts_.router.replies().Expect(
      [self = shared_from_this(), digest = dataset.digest()](service::Answer answer) {
        if (!answer.ok()) self->parts_.janitor.Release(digest);
        MutexLock lock(&self->mutex_);
        if (!answer.ok()) return self->Answer(answer.status());
        CAVIAR_CHECK(std::holds_alternative<v1::Dataset>(*answer));
        self->Answer(std::get<v1::Dataset>(*std::move(answer)));
      });
  const absl::Status posted =
      parts_.driver.Post(engine::DatasetImported{id, dataset, start_->reuse_identical()});
  if (!posted.ok()) parts_.router.replies().Forget(id);
  return posted;
}

void DatasetUpload::OnCancel() {
  MutexLock lock(&mutex_);
  is_cancelled_ = true;
  if (!is_receiving_) Answer(Cancelled());
}

void DatasetUpload::Answer(absl::StatusOr<v1::Dataset> answer) {
  if (is_answered_) return;
  is_answered_ = true;
  spool_.reset();
  if (answer.ok()) *response_ = *std::move(answer);
  Finish(ToGrpcStatus(answer.status()));
}

void DatasetUpload::OnDone() { const std::shared_ptr<DatasetUpload> last = std::move(self_); }

}  // namespace caviar::service
