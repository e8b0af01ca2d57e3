// Time for leases: counts on while the machine sleeps, so that a laptop that was shut for an hour
// knows on waking that its lease is gone. The monotonic clock stops in suspend.
//
// Threads: thread-safe.
#ifndef CAVIAR_WORKER_SESSION_BOOT_TIME_CLOCK_H_
#define CAVIAR_WORKER_SESSION_BOOT_TIME_CLOCK_H_

#include "absl/time/time.h"
#include "common/time/clock.h"

namespace caviar::session {

class BootTimeClock : public Clock {
 public:
  // Since boot: only differences mean something.
  absl::Time Now() const override;
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_BOOT_TIME_CLOCK_H_
