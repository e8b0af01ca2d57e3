#include "client/cli/progress.h"

#include <gtest/gtest.h>

#include "client/cli/printable.h"

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

TEST(ProgressTest, WritesALineWhenTheJobChangesState) {
  Progress progress;
  v1::JobUpdate update = JobUpdate(1, 2);
  EXPECT_FALSE(progress.Apply(update, kStart).has_value());
  update.mutable_job()->set_state(v1::Job::COMPLETED);
  update.mutable_job()->set_reason("wall_time reached");
  EXPECT_EQ(progress.Apply(update, kStart), "job 3 (letters) is completed: wall_time reached");
}

}  // namespace
}  // namespace caviar::cli
