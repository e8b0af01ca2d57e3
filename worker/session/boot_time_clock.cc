#include "worker/session/boot_time_clock.h"

#include <time.h>

#include "common/status/check.h"

namespace caviar::session {

absl::Time BootTimeClock::Now() const {
  timespec now;
  CAVIAR_CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return absl::TimeFromTimespec(now);
}

}  // namespace caviar::session
