#include "worker/nn/learning_rate_schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace caviar::nn {
namespace {

using Kind = LearningRateSchedule::Kind;

LearningRateSchedule::Options Base(Kind kind) {
  LearningRateSchedule::Options options;
  options.kind = kind;
  options.learning_rate = 0.2;
  options.horizon_epochs = 10;
  options.steps_per_epoch = 20;
  return options;
}

TEST(LearningRateScheduleTest, ConstantNeverChanges) {
  const LearningRateSchedule schedule(Base(Kind::kConstant));
  for (const int step : {0, 19, 199, 5000}) EXPECT_DOUBLE_EQ(schedule.At(step), 0.2);
}

TEST(LearningRateScheduleTest, InverseTimeCountsEpochsFromZero) {
  auto options = Base(Kind::kInverseTime);
  options.decay_rate = 0.5;
  const LearningRateSchedule schedule(options);
  EXPECT_DOUBLE_EQ(schedule.At(0), 0.2);
  EXPECT_DOUBLE_EQ(schedule.At(19), 0.2);
  EXPECT_DOUBLE_EQ(schedule.At(20), 0.2 / 1.5);
  EXPECT_DOUBLE_EQ(schedule.At(60), 0.2 / 2.5);
}

TEST(LearningRateScheduleTest, ExponentialFallsByTheSameFactorEachEpoch) {
  auto options = Base(Kind::kExponential);
  options.decay_rate = 0.3;
  const LearningRateSchedule schedule(options);
  EXPECT_DOUBLE_EQ(schedule.At(5), 0.2);
  EXPECT_NEAR(schedule.At(45), 0.2 * std::exp(-0.6), 1e-15);
}

TEST(LearningRateScheduleTest, StepDropsAfterEveryStepEpochs) {
  auto options = Base(Kind::kStep);
  options.step_epochs = 3;
  options.step_factor = 0.5;
  const LearningRateSchedule schedule(options);
  EXPECT_DOUBLE_EQ(schedule.At(3 * 20 - 1), 0.2);
  EXPECT_DOUBLE_EQ(schedule.At(3 * 20), 0.1);
  EXPECT_DOUBLE_EQ(schedule.At(9 * 20), 0.2 / 8);
}

TEST(LearningRateScheduleTest, CosineIsHalfWayDownInTheMiddleAndNearZeroAtTheEnd) {
  const LearningRateSchedule schedule(Base(Kind::kCosine));
  EXPECT_DOUBLE_EQ(schedule.At(0), 0.2);
  EXPECT_NEAR(schedule.At(100), 0.1, 1e-12);
  EXPECT_LT(schedule.At(199), 0.2 * 1e-3);
}

TEST(LearningRateScheduleTest, OneCycleRisesToItsPeakAndFallsBelowItsStart) {
  const LearningRateSchedule schedule(Base(Kind::kOneCycle));
  EXPECT_DOUBLE_EQ(schedule.At(0), 0.2 / 25);
  EXPECT_DOUBLE_EQ(schedule.At(60), 0.2);
  for (int step = 1; step < 60; ++step) EXPECT_GT(schedule.At(step), schedule.At(step - 1));
  for (int step = 61; step < 200; ++step) EXPECT_LT(schedule.At(step), schedule.At(step - 1));
  EXPECT_LT(schedule.At(199), 0.2 / 1000);
}

TEST(LearningRateScheduleTest, WarmupRisesLinearlyForAllButOneCycle) {
  for (const Kind kind : {Kind::kConstant, Kind::kCosine, Kind::kOneCycle}) {
    auto options = Base(kind);
    const LearningRateSchedule plain(options);
    options.warmup_epochs = 2;
    const LearningRateSchedule warmed(options);
    const double factor = kind == Kind::kOneCycle ? 1.0 : 0.25;
    EXPECT_DOUBLE_EQ(warmed.At(9), factor * plain.At(9));
    EXPECT_DOUBLE_EQ(warmed.At(40), plain.At(40));
  }
}

TEST(LearningRateScheduleTest, KeepsItsLastValueBeyondTheHorizon) {
  for (const Kind kind : {Kind::kInverseTime, Kind::kCosine, Kind::kOneCycle}) {
    const LearningRateSchedule schedule(Base(kind));
    EXPECT_DOUBLE_EQ(schedule.At(1000), schedule.At(199));
  }
}

}  // namespace
}  // namespace caviar::nn
