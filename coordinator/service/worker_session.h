// One worker's stream. Bytes become engine events, engine commands become bytes; every rule about
// trials and leases lives in coordinator/engine.
//
// Threads:   Tell and Close are thread-safe; the rest is gRPC's.
// Ownership: gRPC and the session table share it; it is in the table until it closes.
#ifndef CAVIAR_COORDINATOR_SERVICE_WORKER_SESSION_H_
#define CAVIAR_COORDINATOR_SERVICE_WORKER_SESSION_H_

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "caviar/v1/worker_service.pb.h"
#include "common/sync/mutex.h"
#include "coordinator/engine/event.h"
#include "coordinator/engine/limits.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/idle_limit.h"
#include "coordinator/service/service_parts.h"
#include "coordinator/service/session_table.h"

namespace caviar::service {

class WorkerSession final
    : public grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>,
      public WorkerStream,
      public std::enable_shared_from_this<WorkerSession> {
 public:
  // Messages at most that wait for a worker: a few for each slot that it may have. One that lets
  // more come together is not reading; it reconnects and hears the desired state in one message.
  static constexpr size_t kQueueMax = 4 * engine::kSlotsMax;

  // A new session, already reading. gRPC deletes it through OnDone.
  static WorkerSession* Start(const ServiceParts& parts);

  void Tell(v1::CoordinatorMessage message) override;
  void Close(const absl::Status& why) override;

 private:
  explicit WorkerSession(const ServiceParts& parts);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  absl::Status Post() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseLocked(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CallCounter::Token token_;
  const ServiceParts parts_;
  const engine::SessionId id_;
  // Until OnDone: gRPC's share of this object.
  std::shared_ptr<WorkerSession> self_;
  std::shared_ptr<IdleLimit> registering_;  // set by Start

  Mutex mutex_;
  v1::WorkerMessage incoming_ ABSL_GUARDED_BY(mutex_);
  v1::CoordinatorMessage outgoing_ ABSL_GUARDED_BY(mutex_);
  std::deque<v1::CoordinatorMessage> queue_ ABSL_GUARDED_BY(mutex_);
  // A write is in flight, or a task that starts one is on its way. gRPC 1.51 may report the read of
  // a worker's answer before the write of the question: only OnWriteDone clears this.
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_registered_ ABSL_GUARDED_BY(mutex_) = false;
  // It said that it drains, or was sent away: the stream's end is as it should be.
  bool may_leave_ ABSL_GUARDED_BY(mutex_) = false;
  // Finish waits for the write in flight.
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status why_closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_WORKER_SESSION_H_
