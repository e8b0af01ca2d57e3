#include "coordinator/service/watch_stream.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_conversion.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/queries.h"
#include "coordinator/service/watch_cursor.h"

namespace caviar::service {

WatchStream* WatchStream::Start(const ServiceParts& parts, const v1::WatchJobRequest& request) {
  std::shared_ptr<WatchStream> stream(new WatchStream(parts));
  stream->self_ = stream;
  stream->StartSendInitialMetadata();  // see WorkerSession::Start
  const absl::Status asked = parts.driver.Read([stream, request](const driver::Driver::View& view) {
    const absl::Status joined = stream->Join(request, view);
    if (!joined.ok()) stream->Close(joined);
  });
  if (!asked.ok()) stream->Close(asked);
  return stream.get();
}

absl::Status WatchStream::Join(const v1::WatchJobRequest& request,
                               const driver::Driver::View& view) {
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t job, engine::ResolveJob(view.state, request.job()));
  WatchCursor cursor{.job = job};
  if (!request.cursor().empty()) {
    CAVIAR_ASSIGN_OR_RETURN(cursor, ParseWatchCursor(request.cursor()));
    if (cursor.job != job) {
      return absl::InvalidArgumentError(
          absl::StrCat("the cursor is of job ", cursor.job, ", not of job ", job));
    }
  }
  feed_.emplace(job, cursor.sequence, request.measurements());
  MutexLock lock(&mutex_);
  if (is_closed_) return absl::OkStatus();
  CAVIAR_ASSIGN_OR_RETURN(id_, parts_.router.watches().Add(job, shared_from_this()));
  return absl::OkStatus();
}

void WatchStream::Pull() {
  const absl::Status asked =
      parts_.driver.Read([self = shared_from_this()](const driver::Driver::View& view) {
        self->parts_.delivery.Run(
            [self, piece = self->feed_->Next(view)]() mutable { self->Send(std::move(piece)); });
      });
  // A full inbox: the caller resumes from its cursor when the crowd has thinned out.
  if (!asked.ok()) Close(asked);
}

void WatchStream::Send(absl::StatusOr<WatchFeed::Piece> piece) {
  MutexLock lock(&mutex_);
  if (is_closed_) return;
  if (!piece.ok()) return CloseLocked(piece.status());
  piece_ = *std::move(piece);
  written_ = 0;
  WriteNext();
}

void WatchStream::OnWriteDone(bool ok) {
  MutexLock lock(&mutex_);
  is_writing_ = false;
  if (is_closed_) return Finish(ToGrpcStatus(why_closed_));
  if (!ok) return CloseLocked(absl::CancelledError("the watcher is gone"));
  ++written_;
  WriteNext();
}

void WatchStream::WriteNext() {
  if (written_ < piece_.updates.size()) {
    grpc::WriteOptions options;
    if (written_ + 1 < piece_.updates.size()) options.set_buffer_hint();
    is_writing_ = true;
    return StartWrite(&piece_.updates[written_], options);
  }
  if (piece_.is_final) return CloseLocked(absl::OkStatus());
  const bool is_behind = piece_.has_more && piece_.updates.size() >= WatchFeed::kTrialsMax;
  const Next next = is_behind ? Next::kAtOnce : piece_.has_more ? Next::kSoon : Next::kWhenChanged;
  piece_ = WatchFeed::Piece();
  parts_.router.watches().Pulled(*id_, next);
}

void WatchStream::OnCancel() { Close(absl::CancelledError("cancelled by the watcher")); }

void WatchStream::Close(const absl::Status& why) {
  MutexLock lock(&mutex_);
  CloseLocked(why);
}

void WatchStream::CloseLocked(const absl::Status& why) {
  if (is_closed_) return;
  is_closed_ = true;
  why_closed_ = why;
  if (id_.has_value()) parts_.router.watches().Remove(*id_);
  if (!is_writing_) Finish(ToGrpcStatus(why_closed_));
}

void WatchStream::OnDone() { const std::shared_ptr<WatchStream> last = std::move(self_); }

}  // namespace caviar::service
