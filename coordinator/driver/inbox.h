// The driver's bounded queue: many threads put in, the driver's thread takes all there is.
//
// A quarter of it is kept for workers: users who ask faster than the driver answers are refused
// before any worker's heartbeat is.
//
// Threads: thread-safe; one thread takes.
// Errors:  kResourceExhausted when full, kUnavailable when closed.
#ifndef CAVIAR_COORDINATOR_DRIVER_INBOX_H_
#define CAVIAR_COORDINATOR_DRIVER_INBOX_H_

#include <cstddef>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "coordinator/driver/driver_core.h"

namespace caviar::driver {

class Inbox {
 public:
  struct Bounds {
    size_t inputs_max = 0;  // > 0
    // Of all inputs together, as said to Put. One that is larger is taken when nothing else waits.
    size_t bytes_max = 0;
  };
  // kEngine: what the engine asked for itself. It is few, and must not be lost: always taken.
  enum class Sender { kUser, kWorker, kEngine };

  explicit Inbox(const Bounds& bounds) : bounds_(bounds) {}

  absl::Status Put(DriverCore::Input input, Sender sender, size_t bytes)
      ABSL_LOCKS_EXCLUDED(mutex_);

  struct Taken {
    std::vector<DriverCore::Input> inputs;
    // Nothing will come any more.
    bool is_last = false;
  };
  // Waits until something is there, the inbox was closed, or at most `wait_max`.
  Taken Take(absl::Duration wait_max) ABSL_LOCKS_EXCLUDED(mutex_);

  // What was put before can still be taken.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const Bounds bounds_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<DriverCore::Input> inputs_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of inputs_
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace caviar::driver

#endif  // CAVIAR_COORDINATOR_DRIVER_INBOX_H_
