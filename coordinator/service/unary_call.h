// A unary gRPC call that is answered once, from any thread; who comes second (an answer after the
// client has cancelled) changes nothing.
//
// Threads:   Answer and is_answered are thread-safe.
// Ownership: holds itself until gRPC is done with it; others share it for as long as they like.
#ifndef CAVIAR_COORDINATOR_SERVICE_UNARY_CALL_H_
#define CAVIAR_COORDINATOR_SERVICE_UNARY_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/status_conversion.h"
#include "common/sync/mutex.h"
#include "coordinator/service/call_counter.h"

namespace caviar::service {

template <typename Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  // `response` is gRPC's: valid until the answer.
  static std::shared_ptr<UnaryCall> Start(CallCounter& calls, Response* response) {
    std::shared_ptr<UnaryCall> call(new UnaryCall(calls, response));
    call->self_ = call;
    return call;
  }

  void Answer(absl::StatusOr<Response> answer) {
    MutexLock lock(&mutex_);
    if (is_answered_) return;
    is_answered_ = true;
    const grpc::Status status = ToGrpcStatus(answer.status());
    if (answer.ok()) *response_ = *std::move(answer);
    Finish(status);
  }

  // Nobody waits any more: it has its answer, or has cancelled.
  bool is_answered() {
    MutexLock lock(&mutex_);
    return is_answered_;
  }

  void OnCancel() override { Answer(absl::CancelledError("cancelled by the caller")); }
  void OnDone() override { const std::shared_ptr<UnaryCall> last = std::move(self_); }

 private:
  UnaryCall(CallCounter& calls, Response* response) : token_(calls.Start()), response_(response) {}

  const CallCounter::Token token_;
  Mutex mutex_;
  Response* const response_ ABSL_PT_GUARDED_BY(mutex_);
  bool is_answered_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<UnaryCall> self_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_UNARY_CALL_H_
