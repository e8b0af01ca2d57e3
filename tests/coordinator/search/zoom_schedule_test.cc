#include "coordinator/search/zoom_schedule.h"

#include "gtest/gtest.h"

namespace caviar::search {
namespace {

TEST(ZoomScheduleTest, CutsTheBudgetIntoRoundsAndStaysInTheLast) {
  const ZoomSchedule schedule(100, 5, false);
  EXPECT_EQ(schedule.RoundAt(0), 0);
  EXPECT_EQ(schedule.RoundAt(19), 0);
  EXPECT_EQ(schedule.RoundAt(20), 1);
  EXPECT_EQ(schedule.RoundAt(99), 4);
  EXPECT_EQ(schedule.RoundAt(100000), 4);
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(schedule.RoundAt(schedule.FirstPlace(round)), round);
  }
}

TEST(ZoomScheduleTest, WidthsFallGeometricallyToThreeOverTheBudget) {
  const ZoomSchedule schedule(100, 5, false);
  EXPECT_TRUE(schedule.IsWhole(0));
  EXPECT_FALSE(schedule.IsWhole(1));
  EXPECT_NEAR(schedule.Width(4), 0.03, 1e-12);
  EXPECT_NEAR(schedule.Width(2) / schedule.Width(1), schedule.Width(4) / schedule.Width(3), 1e-12);
}

TEST(ZoomScheduleTest, OtherJobsTrialsStandForTheRoundFromTheWholeSpace) {
  const ZoomSchedule schedule(100, 5, true);
  EXPECT_FALSE(schedule.IsWhole(0));
  EXPECT_LT(schedule.Width(0), 1);
  EXPECT_NEAR(schedule.Width(4), 0.03, 1e-12);
}

TEST(ZoomScheduleTest, KeepsAtLeastTwoAndNoMoreThanAreKnown) {
  EXPECT_EQ(ZoomSchedule(100, 5, false).Kept(0.3), 6u);
  EXPECT_EQ(ZoomSchedule(5, 5, false).Kept(0.3), 2u);
  EXPECT_EQ(ZoomSchedule(100000, 5, false).Kept(0.3), 64u);
}

}  // namespace
}  // namespace caviar::search
