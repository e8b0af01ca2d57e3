#include <gtest/gtest.h>

#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

std::unique_ptr<TrialScheduler> TwentyEpochs() {
  v1::Budget budget;
  budget.set_trials(10);
  budget.set_epochs(20);
  return MakeFullScheduler(budget);
}

TEST(FullSchedulerTest, GrantsEveryTrialAllEpochsAtOnce) {
  const auto scheduler = TwentyEpochs();
  EXPECT_EQ(scheduler->FirstGrant(1), 20u);
  EXPECT_EQ(scheduler->FirstGrant(10), 20u);
  EXPECT_FALSE(scheduler->GrantsByRung());
}

TEST(FullSchedulerTest, JudgesNothingAndPromotesNothing) {
  const auto scheduler = TwentyEpochs();
  for (uint32_t epoch = 1; epoch <= 20; ++epoch) EXPECT_FALSE(scheduler->IsJudgedAt(1, epoch));
  EXPECT_EQ(scheduler->NextPromotion({.epochs_left = 100, .is_last_chance = true}), std::nullopt);
}

TEST(FullSchedulerTest, IsWhatASpecWithoutASchedulerGets) {
  v1::JobSpec spec;
  spec.mutable_budget()->set_epochs(7);
  EXPECT_EQ(MakeScheduler(spec)->FirstGrant(1), 7u);
}

}  // namespace
}  // namespace caviar::schedule
