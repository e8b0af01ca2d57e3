// The driver's bounded queue: many threads put in, the driver's thread takes all there is.
//
// Waits follow the monotonic clock: Abseil's timed waits follow the wall clock in this version, and
// setting it back an hour would delay every lease by an hour. Hence a condition_variable_any over a
// std::mutex that is annotated here for clang's thread-safety analysis.
//
// Threads: thread-safe; one thread takes.
// Errors:  kResourceExhausted when full, kUnavailable when closed.
#ifndef CAVIAR_COORDINATOR_DRIVER_INBOX_H_
#define CAVIAR_COORDINATOR_DRIVER_INBOX_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/driver/driver_core.h"

namespace caviar::driver {

class Inbox {
 public:
  explicit Inbox(size_t inputs_max) : inputs_max_(inputs_max) {}

  absl::Status Put(DriverCore::Input input) ABSL_LOCKS_EXCLUDED(mutex_);

  struct Taken {
    std::vector<DriverCore::Input> inputs;
    // Nothing will come any more.
    bool is_last = false;
  };
  // Waits until something is there, the inbox was closed, or `wait_max` has passed.
  Taken Take(absl::Duration wait_max) ABSL_LOCKS_EXCLUDED(mutex_);

  // What was put before can still be taken.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class ABSL_LOCKABLE Mutex {
   public:
    void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
    void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

   private:
    std::mutex mutex_;
  };
  class ABSL_SCOPED_LOCKABLE Lock {
   public:
    explicit Lock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
      mutex_.lock();
    }
    ~Lock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

   private:
    Mutex& mutex_;
  };

  const size_t inputs_max_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<DriverCore::Input> inputs_ ABSL_GUARDED_BY(mutex_);
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace caviar::driver

#endif  // CAVIAR_COORDINATOR_DRIVER_INBOX_H_
