#include "coordinator/service/worker_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_conversion.h"

namespace caviar::service {
namespace {

// Whoever is still there to read it has sent something that cannot be read here, and would send it
// again and again if it were told that all is well.
absl::Status LeftWithoutAWord() {
  return absl::InvalidArgumentError(
      "the stream ended without draining: the worker left it, or sent a message that does not "
      "parse (is all of its text UTF-8?)");
}

}  // namespace

WorkerSession* WorkerSession::Start(const ServiceParts& parts) {
  std::shared_ptr<WorkerSession> session(new WorkerSession(parts));
  session->self_ = session;
  parts.router.sessions().Add(session->id_, session);
  session->registering_ =
      IdleLimit::Start(parts.patience.register_within,
                       [weak = session->weak_from_this(), limit = parts.patience.register_within] {
                         const std::shared_ptr<WorkerSession> self = weak.lock();
                         if (self == nullptr) return;
                         self->Close(absl::DeadlineExceededError(
                             absl::StrCat("no register within ", absl::FormatDuration(limit))));
                       });
  MutexLock lock(&session->mutex_);
  // By themselves, because in gRPC 1.51 a first write with the buffer hint waits for its initial
  // metadata to be sent, and nothing sends them.
  session->StartSendInitialMetadata();
  session->StartRead(&session->incoming_);
  return session.get();
}

WorkerSession::WorkerSession(const ServiceParts& parts)
    : token_(parts.calls.Start()), parts_(parts), id_(parts.router.sessions().Mint()) {}

void WorkerSession::Tell(v1::CoordinatorMessage message) {
  MutexLock lock(&mutex_);
  if (is_closed_) return;
  if (message.has_go_away()) may_leave_ = true;
  if (queue_.size() >= kQueueMax) {
    CloseLocked(absl::ResourceExhaustedError(absl::StrCat(
        "the worker left ", kQueueMax, " messages unread; reconnect to hear where things stand")));
    return;
  }
  queue_.push_back(std::move(message));
  if (is_writing_) return;
  is_writing_ = true;
  parts_.delivery.Run([self = shared_from_this()] {
    MutexLock lock(&self->mutex_);
    self->WriteNext();
  });
}

void WorkerSession::Close(const absl::Status& why) {
  MutexLock lock(&mutex_);
  CloseLocked(why);
}

void WorkerSession::OnReadDone(bool ok) {
  MutexLock lock(&mutex_);
  // Half-closed, or the link broke, or gRPC could not parse what came: it does not say which.
  if (!ok) return CloseLocked(may_leave_ ? absl::OkStatus() : LeftWithoutAWord());
  if (is_closed_) return;
  const absl::Status posted = Post();
  if (!posted.ok()) return CloseLocked(posted);
  StartRead(&incoming_);
}

absl::Status WorkerSession::Post() {
  if (!is_registered_ && incoming_.kind_case() != v1::WorkerMessage::kRegister) {
    return absl::InvalidArgumentError("the first message of a session must be register");
  }
  if (incoming_.has_draining()) may_leave_ = true;
  // The driver's inbox is bounded: kResourceExhausted tells the worker to reconnect with back-off
  // instead of growing our memory.
  absl::Status posted = parts_.driver.Post(engine::WorkerSaid{id_, std::move(incoming_)});
  if (!posted.ok()) return posted;
  incoming_ = v1::WorkerMessage();
  is_registered_ = true;
  registering_->Stop();
  return absl::OkStatus();
}

void WorkerSession::OnWriteDone(bool ok) {
  MutexLock lock(&mutex_);
  if (!ok) CloseLocked(absl::CancelledError("the worker is gone"));
  WriteNext();
}

void WorkerSession::WriteNext() {
  if (is_closed_) return Finish(ToGrpcStatus(why_closed_));
  if (queue_.empty()) {
    is_writing_ = false;
    return;
  }
  outgoing_ = std::move(queue_.front());
  queue_.pop_front();
  grpc::WriteOptions options;
  if (!queue_.empty()) options.set_buffer_hint();  // the next write sends both
  StartWrite(&outgoing_, options);
}

void WorkerSession::OnCancel() { Close(absl::CancelledError("cancelled by the worker")); }

// Read, write, engine and shutdown may all find the end; gRPC wants one Finish and the engine one
// SessionClosed, after the session's last message.
void WorkerSession::CloseLocked(const absl::Status& why) {
  if (is_closed_) return;
  is_closed_ = true;
  why_closed_ = why;
  registering_->Stop();
  queue_.clear();
  parts_.router.sessions().Remove(id_);
  // Best effort: if the inbox is full, the lease runs out and says the same.
  if (is_registered_) parts_.driver.Post(engine::SessionClosed{id_}).IgnoreError();
  if (!is_writing_) Finish(ToGrpcStatus(why_closed_));
}

void WorkerSession::OnDone() { const std::shared_ptr<WorkerSession> last = std::move(self_); }

}  // namespace caviar::service
