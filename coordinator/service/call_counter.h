// How many calls are going on, so that a closing server waits for them and for nothing else.
//
// (grpc::Server's own wait is for connections too, and an idle client notices only at its next call
// that the server wants to close.)
//
// Threads:  thread-safe.
// Lifetime: outlives its tokens.
#ifndef CAVIAR_COORDINATOR_SERVICE_CALL_COUNTER_H_
#define CAVIAR_COORDINATOR_SERVICE_CALL_COUNTER_H_

#include <chrono>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace caviar::service {

class CallCounter {
 public:
  // A call is going on for as long as somebody holds this.
  using Token = std::shared_ptr<CallCounter>;

  Token Start() {
    MutexLock lock(&mutex_);
    ++calls_;
    return Token(this, [](CallCounter* counter) { counter->End(); });
  }

  // Waits until no call is going on, at most this long.
  void AwaitNone(std::chrono::steady_clock::duration wait_max) {
    const auto until = std::chrono::steady_clock::now() + wait_max;
    MutexLock lock(&mutex_);
    while (calls_ > 0) {
      const auto left = until - std::chrono::steady_clock::now();
      if (left <= left.zero()) return;
      none_left_.WaitFor(&mutex_, absl::FromChrono(left));
    }
  }

 private:
  void End() {
    MutexLock lock(&mutex_);
    if (--calls_ == 0) none_left_.NotifyAll();
  }

  Mutex mutex_;
  CondVar none_left_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_CALL_COUNTER_H_
