#include <memory>

#include "coordinator/schedule/trial_scheduler.h"
#include "gtest/gtest.h"

namespace caviar::schedule {
namespace {

std::unique_ptr<TrialScheduler> TwentyEpochs() {
  v1::Budget budget;
  budget.set_trials(3);
  budget.set_epochs(20);
  return MakeFullScheduler(budget);
}

TEST(FullSchedulerTest, GrantsEveryTrialAllEpochsAtOnce) {
  const auto scheduler = TwentyEpochs();
  EXPECT_EQ(scheduler->FirstGrant(1), 20u);
  EXPECT_EQ(scheduler->FirstGrant(1000), 20u);
}

TEST(FullSchedulerTest, ContinuesHoweverBadTheMeasurementUntilEpochsAreUsedUp) {
  const auto scheduler = TwentyEpochs();
  TrialProgress trial{.number = 1, .state = v1::Trial::RUNNING, .epochs = 19, .until_epoch = 20};
  const double worst[] = {0.0, -1e9};
  trial.objective_by_epoch = worst;
  EXPECT_EQ(scheduler->OnMeasurement(trial, {}).kind, Decision::Kind::kContinue);
  EXPECT_EQ(scheduler->OnMeasurement(trial, {}).until_epoch, 20u);
  trial.epochs = 20;
  EXPECT_EQ(scheduler->OnMeasurement(trial, {}).kind, Decision::Kind::kStop);
}

TEST(FullSchedulerTest, PromotesNothingBecauseItPausesNothing) {
  const TrialProgress paused{.number = 1, .state = v1::Trial::PAUSED, .epochs = 3};
  EXPECT_FALSE(TwentyEpochs()->NextPromotion({&paused, 1}).has_value());
}

}  // namespace
}  // namespace caviar::schedule
