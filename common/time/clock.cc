#include "common/time/clock.h"

#include "absl/time/clock.h"
#include "common/status/check.h"

namespace caviar {

RealClock::RealClock()
    : wall_at_start_(absl::Now()), steady_at_start_(std::chrono::steady_clock::now()) {}

absl::Time RealClock::Now() const {
  return wall_at_start_ + absl::FromChrono(std::chrono::steady_clock::now() - steady_at_start_);
}

void FakeClock::Advance(absl::Duration duration) {
  CAVIAR_CHECK(duration >= absl::ZeroDuration()) << "time never goes backwards";
  now_ += duration;
}

}  // namespace caviar
