// The clock as an argument: one interface, the real clock and a fake one for tests.
//
// Threads: RealClock is thread-safe; FakeClock is thread-compatible.
#ifndef CAVIAR_COMMON_TIME_CLOCK_H_
#define CAVIAR_COMMON_TIME_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"

namespace caviar {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes backwards.
  virtual absl::Time Now() const = 0;
};

// Wall time at construction plus the monotonic clock, so that stepping the wall clock neither ends
// a lease early nor stretches one.
class RealClock : public Clock {
 public:
  RealClock();
  absl::Time Now() const override;

 private:
  absl::Time wall_at_start_;
  std::chrono::steady_clock::time_point steady_at_start_;
};

class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override { return now_; }
  // Requires: duration >= 0.
  void Advance(absl::Duration duration);

 private:
  absl::Time now_;
};

}  // namespace caviar

#endif  // CAVIAR_COMMON_TIME_CLOCK_H_
