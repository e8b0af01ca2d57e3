// The driver's bounded queue: many threads put in, the driver's thread takes all there is.
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
  explicit Inbox(size_t inputs_max) : inputs_max_(inputs_max) {}

  absl::Status Put(DriverCore::Input input) ABSL_LOCKS_EXCLUDED(mutex_);

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
  const size_t inputs_max_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<DriverCore::Input> inputs_ ABSL_GUARDED_BY(mutex_);
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace caviar::driver

#endif  // CAVIAR_COORDINATOR_DRIVER_INBOX_H_
