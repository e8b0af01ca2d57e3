#include "coordinator/service/dataset_upload.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/rpc/server_options.h"
#include "common/rpc/status_conversion.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::service {
namespace {

// A broken link looks like this too, before or without being called a cancellation.
absl::Status CutOff() {
  return absl::InvalidArgumentError(
      "the upload stopped without an `end` message: it was cut off, or the client is older than "
      "this coordinator; nothing was imported");
}

absl::Status Cancelled() { return absl::CancelledError("cancelled by the caller"); }

}  // namespace

DatasetUpload* DatasetUpload::Start(const ServiceParts& parts, v1::Dataset* response) {
  std::shared_ptr<DatasetUpload> upload(new DatasetUpload(parts, response));
  upload->self_ = upload;
  upload->idle_ = IdleLimit::Start(
      parts.patience.upload_idle,
      [weak = upload->weak_from_this(), limit = parts.patience.upload_idle] {
        const std::shared_ptr<DatasetUpload> self = weak.lock();
        if (self == nullptr) return;
        MutexLock lock(&self->mutex_);
        if (!self->is_receiving_) return;
        self->Answer(absl::DeadlineExceededError(absl::StrCat(
            "nothing of the upload has come for ", absl::FormatDuration(limit), "; start again")));
      });
  MutexLock lock(&upload->mutex_);
  upload->StartRead(&upload->incoming_);
  return upload.get();
}

void DatasetUpload::OnReadDone(bool ok) {
  parts_.io.Run([self = shared_from_this(), ok] {
    MutexLock lock(&self->mutex_);
    if (self->is_answered_) return;
    if (self->is_cancelled_) return self->Answer(Cancelled());
    self->idle_->Touch();
    const absl::Status done = ok ? self->Take() : CutOff();
    if (!done.ok()) return self->Answer(done);
    if (self->is_receiving_) self->StartRead(&self->incoming_);
  });
}

absl::Status DatasetUpload::Take() {
  if (incoming_.has_start()) {
    if (start_.has_value()) return absl::InvalidArgumentError("start was sent twice");
    start_ = std::move(*incoming_.mutable_start());
    CAVIAR_ASSIGN_OR_RETURN(spool_, parts_.importer.NewUpload());
    return absl::OkStatus();
  }
  if (!start_.has_value()) {
    return absl::InvalidArgumentError("the first message must be start, with the settings");
  }
  if (incoming_.has_end()) return StartImport();
  if (incoming_.chunk().data().size() > kChunkBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a chunk has ", incoming_.chunk().data().size(),
                                                   " bytes; at most ", kChunkBytesMax,
                                                   " are allowed"));
  }
  return spool_->Append(incoming_.chunk());
}

absl::Status DatasetUpload::StartImport() {
  is_receiving_ = false;
  idle_->Stop();
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
  absl::Status posted =
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
  idle_->Stop();
  spool_.reset();
  const grpc::Status status = ToGrpcStatus(answer.status());
  if (answer.ok()) *response_ = *std::move(answer);
  Finish(status);
}

void DatasetUpload::OnDone() { const std::shared_ptr<DatasetUpload> last = std::move(self_); }

}  // namespace caviar::service
