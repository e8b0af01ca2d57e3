#include "client/cli/job_sentence.h"

#include <gtest/gtest.h>

namespace caviar::cli {
namespace {

v1::Job ExampleJob(v1::Job::State state, const std::string& reason) {
  v1::Job job;
  job.set_id(1);
  job.set_name("letters");
  job.set_state(state);
  job.set_reason(reason);
  job.mutable_spec()->mutable_budget()->set_trials(2);
  job.mutable_spec()->mutable_objective()->set_metric("validation_accuracy");
  job.mutable_trials()->set_completed(1);
  return job;
}

TEST(JobSentenceTest, SaysStateProgressAndBest) {
  v1::Job job = ExampleJob(v1::Job::COMPLETED, "wall_time reached");
  job.set_best_trial(2);
  job.set_best_value(0.75);
  EXPECT_EQ(JobSentence(job),
            "job 1 (letters): completed, 1 of 2 trials, best validation_accuracy 0.75 (trial 2); "
            "wall_time reached");
  job.mutable_spec()->mutable_budget()->set_trials(1);
  job.clear_best_value();
  job.clear_reason();
  EXPECT_EQ(JobSentence(job), "job 1 (letters): completed, 1 of 1 trial");
}

TEST(JobSentenceTest, DoesNotSayAStateTwice) {
  EXPECT_EQ(JobSentence(ExampleJob(v1::Job::CANCELLED, "cancelled by a user")),
            "job 1 (letters): cancelled by a user, 1 of 2 trials");
}

TEST(BadEndSentenceTest, SaysHowAndWhyOnce) {
  EXPECT_EQ(BadEndSentence(ExampleJob(v1::Job::CANCELLED, "cancelled by a user")),
            "job 1 (letters) was cancelled by a user");
  EXPECT_EQ(BadEndSentence(ExampleJob(v1::Job::CANCELLED, "")), "job 1 (letters) was cancelled");
  EXPECT_EQ(BadEndSentence(ExampleJob(v1::Job::FAILED, "every trial was infeasible: NaN")),
            "job 1 (letters) failed: every trial was infeasible: NaN");
}

TEST(AlreadyEndedSentenceTest, NamesTheEnd) {
  EXPECT_EQ(AlreadyEndedSentence(ExampleJob(v1::Job::COMPLETED, "")),
            "job 1 (letters) had already completed");
  EXPECT_EQ(AlreadyEndedSentence(ExampleJob(v1::Job::CANCELLED, "")),
            "job 1 (letters) had already been cancelled");
}

}  // namespace
}  // namespace caviar::cli
