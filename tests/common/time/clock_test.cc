#include "common/time/clock.h"

#include <gtest/gtest.h>

namespace caviar {
namespace {

TEST(RealClockTest, NeverGoesBackwards) {
  const RealClock clock;
  absl::Time before = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const absl::Time now = clock.Now();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(FakeClockTest, MovesOnlyWhenTold) {
  FakeClock clock(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  clock.Advance(absl::Seconds(3));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() + absl::Seconds(3));
}

TEST(FakeClockDeathTest, RefusesToGoBackwards) {
  FakeClock clock(absl::UnixEpoch());
  EXPECT_DEATH(clock.Advance(-absl::Seconds(1)), "time never goes backwards");
}

}  // namespace
}  // namespace caviar
