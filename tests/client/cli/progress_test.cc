#include "client/cli/progress.h"

#include <gtest/gtest.h>

#include "common/text/printable.h"

namespace caviar::cli {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

v1::JobUpdate JobUpdate(uint32_t completed, uint32_t running) {
  v1::JobUpdate update;
  v1::Job& job = *update.mutable_job();
  job.set_id(3);
  job.set_name("letters");
  job.set_state(v1::Job::RUNNING);
  job.mutable_spec()->mutable_budget()->set_trials(40);
  job.mutable_spec()->mutable_objective()->set_metric("validation_accuracy");
  job.mutable_trials()->set_completed(completed);
  job.mutable_trials()->set_running(running);
  if (completed > 0) {
    job.set_best_trial(7);
    job.set_best_value(0.9712);
  }
  return update;
}

v1::JobUpdate TrialUpdate(uint32_t number, v1::Trial::State state) {
  v1::JobUpdate update;
  v1::Trial& trial = *update.mutable_trial();
  trial.set_number(number);
  trial.set_state(state);
  trial.set_value(0.5);
  trial.set_best_epoch(4);
  return update;
}

TEST(ProgressTest, ShowsCountsBestSpeedAndTimeToGo) {
  Progress progress;
  progress.Apply(JobUpdate(0, 2), kStart);
  progress.Apply(JobUpdate(10, 2), kStart + absl::Seconds(20));
  EXPECT_EQ(progress.Bar(100, kStart + absl::Seconds(20)),
            "letters [######------------------]  10/40  best 0.9712 (trial 7)  2 running  ETA "
            "1m00s  0.5 trials/s");
}

TEST(ProgressTest, CountsSpeedFromWhereTheWatchBegan) {
  Progress progress;
  progress.Apply(JobUpdate(30, 2), kStart);
  progress.Apply(JobUpdate(35, 2), kStart + absl::Seconds(10));
  EXPECT_NE(progress.Bar(100, kStart + absl::Seconds(10)).find("ETA 10s"), std::string::npos)
      << progress.Bar(100, kStart + absl::Seconds(10));
}

TEST(ProgressTest, AdvancesByEpochsOfTrialsThatRun) {
  Progress progress;
  v1::JobUpdate job = JobUpdate(0, 2);
  job.mutable_job()->mutable_spec()->mutable_budget()->set_trials(4);
  job.mutable_job()->mutable_spec()->mutable_budget()->set_epochs(10);
  progress.Apply(job, kStart);
  for (const uint32_t number : {1, 2}) {
    v1::JobUpdate trial = TrialUpdate(number, v1::Trial::RUNNING);
    trial.mutable_trial()->set_epochs(5);
    EXPECT_FALSE(progress.Apply(trial, kStart).has_value());
  }
  EXPECT_EQ(progress.Bar(80, kStart + absl::Seconds(10)),
            "letters [#######------------------------]  0/4  2 running  ETA 30s  0.1 trials/s");
}

TEST(ProgressTest, CountsNoSpeedForEpochsThatWereThereBefore) {
  Progress progress;
  v1::JobUpdate job = JobUpdate(0, 1);
  job.mutable_job()->mutable_spec()->mutable_budget()->set_epochs(10);
  job.mutable_job()->mutable_trials()->set_created(1);
  progress.Apply(job, kStart);
  v1::JobUpdate trial = TrialUpdate(1, v1::Trial::RUNNING);
  trial.mutable_trial()->set_epochs(8);
  progress.Apply(trial, kStart);
  EXPECT_EQ(progress.Bar(100, kStart + absl::Seconds(1)).find("ETA"), std::string::npos);
  trial.mutable_trial()->set_epochs(9);
  progress.Apply(trial, kStart + absl::Seconds(1));
  EXPECT_NE(progress.Bar(100, kStart + absl::Seconds(1)).find("0.1 trials/s"), std::string::npos);
}

TEST(ProgressTest, SaysThatNothingRunsInsteadOfGuessingAnEnd) {
  Progress progress;
  progress.Apply(JobUpdate(0, 2), kStart);
  progress.Apply(JobUpdate(10, 0), kStart + absl::Seconds(20));
  EXPECT_EQ(progress.Bar(100, kStart + absl::Seconds(20)),
            "letters [##########------------------------------]  10/40  best 0.9712 (trial 7)  "
            "waiting");
}

// A trial's own update comes before the job's.
TEST(ProgressTest, KnowsTheBestOfTheTrialsThatHaveEnded) {
  Progress progress;
  progress.Apply(JobUpdate(0, 2), kStart);
  EXPECT_EQ(progress.Apply(TrialUpdate(1, v1::Trial::COMPLETED), kStart),
            "trial 1 completed  validation_accuracy 0.5 at epoch 4  1/40  best 0.5 (trial 1)");
  v1::JobUpdate better = TrialUpdate(2, v1::Trial::PRUNED);
  better.mutable_trial()->set_value(0.75);
  EXPECT_EQ(progress.Apply(better, kStart),
            "trial 2 pruned  validation_accuracy 0.75 at epoch 4  2/40  best 0.75 (trial 2)");
  better = TrialUpdate(3, v1::Trial::INFEASIBLE);
  better.mutable_trial()->set_value(0.9);
  EXPECT_EQ(progress.Apply(better, kStart),
            "trial 3 infeasible  validation_accuracy 0.9 at epoch 4  3/40  best 0.75 (trial 2)");
}

TEST(ProgressTest, TakesTheSmallestForTheBestWhereTheObjectiveFalls) {
  Progress progress;
  v1::JobUpdate job = JobUpdate(0, 2);
  job.mutable_job()->mutable_spec()->mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  progress.Apply(job, kStart);
  progress.Apply(TrialUpdate(1, v1::Trial::COMPLETED), kStart);
  v1::JobUpdate worse = TrialUpdate(2, v1::Trial::COMPLETED);
  worse.mutable_trial()->set_value(0.75);
  EXPECT_EQ(progress.Apply(worse, kStart),
            "trial 2 completed  validation_accuracy 0.75 at epoch 4  2/40  best 0.5 (trial 1)");
}

TEST(ProgressTest, FitsAnyWidth) {
  Progress progress;
  EXPECT_EQ(progress.Bar(80, kStart), "");
  progress.Apply(JobUpdate(0, 2), kStart);
  progress.Apply(JobUpdate(39, 1), kStart + absl::Seconds(7));
  for (int width = 1; width < 200; ++width) {
    EXPECT_LE(DisplayWidth(progress.Bar(width, kStart + absl::Seconds(7))), width);
  }
}

TEST(ProgressTest, WritesALineWhenATrialEndsOnce) {
  Progress progress;
  progress.Apply(JobUpdate(1, 2), kStart);
  EXPECT_FALSE(progress.Apply(TrialUpdate(4, v1::Trial::RUNNING), kStart).has_value());
  EXPECT_EQ(progress.Apply(TrialUpdate(4, v1::Trial::COMPLETED), kStart),
            "trial 4 completed  validation_accuracy 0.5 at epoch 4  1/40  best 0.9712 (trial 7)");
  EXPECT_FALSE(progress.Apply(TrialUpdate(4, v1::Trial::COMPLETED), kStart).has_value());
}

TEST(ProgressTest, WritesALineWhenTheJobIsPausedButNotWhenItEnds) {
  Progress progress;
  v1::JobUpdate update = JobUpdate(1, 2);
  EXPECT_FALSE(progress.Apply(update, kStart).has_value());
  update.mutable_job()->set_state(v1::Job::PAUSED);
  EXPECT_EQ(progress.Apply(update, kStart),
            "job 3 (letters): paused, 1 of 40 trials, best validation_accuracy 0.9712 (trial 7)");
  update.mutable_job()->set_state(v1::Job::COMPLETED);
  EXPECT_FALSE(progress.Apply(update, kStart).has_value());
}

}  // namespace
}  // namespace caviar::cli
