#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class WarmStartJobTest : public ::testing::Test {
 protected:
  // Job 1: twelve random trials, the last one infeasible.
  void SetUp() override {
    harness_.MustSubmit(EngineHarness::Spec(12));
    session_ = harness_.Connect("w");
    for (int i = 0; i < 11; ++i) {
      harness_.Complete(session_, harness_.TakeAssign(session_), 0.5 + 0.01 * i);
    }
    harness_.Finish(session_, harness_.TakeAssign(session_).id(), 0,
                    v1::AttemptFinished::INFEASIBLE, "", "NaN");
    ASSERT_EQ(harness_.JobOf(1).state(), v1::Job::COMPLETED);
  }
  static v1::JobSpec Learner(int trials = 5) {
    v1::JobSpec spec = EngineHarness::Spec(trials);
    spec.set_name("learner");
    spec.mutable_sampler()->mutable_tpe();
    spec.add_warm_start("1");
    return spec;
  }
  v1::JobSpec Zoom() {
    v1::JobSpec spec = Learner();
    spec.mutable_sampler()->mutable_zoom();
    return spec;
  }
  double Rate(uint32_t job, uint32_t trial) {
    return harness_.Durable(job, trial).point().fields().at("learning_rate").number_value();
  }
  std::string Refusal(const v1::JobSpec& spec) {
    const absl::Status status = harness_.Submit(spec).status();
    EXPECT_FALSE(status.ok());
    EXPECT_TRUE(harness_.last().writes.empty());
    return std::string(status.message());
  }

  EngineHarness harness_;
  SessionId session_{};
};

TEST_F(WarmStartJobTest, WhatWasTakenIsOnRecordAndShown) {
  v1::JobSpec spec = Learner();
  (*spec.mutable_space())["learning_rate"].mutable_log()->set_min(1e-2);
  const absl::StatusOr<v1::Job> job = harness_.Submit(spec);
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_EQ(job->warm_start_sources_size(), 1);
  const v1::WarmStartSource& source = job->warm_start_sources(0);
  EXPECT_EQ(source.job(), 1u);
  EXPECT_EQ(source.sequence(), harness_.disk().jobs[1].sequence());
  int outside = 0;
  for (uint32_t trial = 1; trial <= 12; ++trial) outside += Rate(1, trial) < 1e-2;
  EXPECT_GT(outside, 0);
  EXPECT_EQ(source.dropped(), static_cast<uint32_t>(outside));
  EXPECT_EQ(source.taken() + source.dropped(), 12u);
  EXPECT_EQ(harness_.disk().jobs[2].warm_start_sources_size(), 1);
  EXPECT_TRUE(job->warnings().empty());
}

TEST_F(WarmStartJobTest, LearnsTheSameAfterARestartAndAfterAnExtension) {
  for (const v1::JobSpec& spec : {Learner(), Zoom()}) {
    const uint32_t undisturbed = harness_.MustSubmit(spec);
    harness_.CompleteAll(session_);
    ASSERT_TRUE(harness_.Extend(undisturbed, 2).ok());
    harness_.CompleteAll(session_);
    const uint32_t disturbed = harness_.MustSubmit(spec);
    harness_.Complete(session_, harness_.TakeAssign(session_), 0.5);
    // What the source finds meanwhile is not learnt.
    const v1::Assign running = harness_.TakeAssign(session_);
    ASSERT_TRUE(harness_.Extend(1, 1).ok());
    harness_.Complete(session_, running, 0.5);
    harness_.CompleteAll(session_);
    harness_.Restart();
    session_ = harness_.Connect("w", 1, disturbed);
    harness_.CompleteAll(session_);
    ASSERT_TRUE(harness_.Extend(disturbed, 1).ok());
    harness_.CompleteAll(session_);
    harness_.Restart();
    session_ = harness_.Connect("w", 1, disturbed + 100);
    ASSERT_TRUE(harness_.Extend(disturbed, 1).ok());
    harness_.CompleteAll(session_);
    for (uint32_t trial = 1; trial <= 7; ++trial) {
      EXPECT_EQ(Rate(undisturbed, trial), Rate(disturbed, trial)) << trial;
    }
  }
}

TEST_F(WarmStartJobTest, APointDependsOnWhatTheOtherJobFound) {
  v1::JobSpec cold = Learner(1);
  cold.clear_warm_start();
  const uint32_t without = harness_.MustSubmit(cold);
  harness_.CompleteAll(session_);
  const uint32_t with = harness_.MustSubmit(Learner(1));
  harness_.CompleteAll(session_);
  EXPECT_NE(Rate(without, 1), Rate(with, 1));
}

TEST_F(WarmStartJobTest, TheSourceStaysUntilTheLearnerHasEnded) {
  const uint32_t learner = harness_.MustSubmit(Learner());
  const absl::Status refused = harness_.AskAbout<v1::DeleteJobRequest>(1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("job 2 (learner) learns from job 1"));
  harness_.CompleteAll(session_);
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(1).ok());
  harness_.Restart();
  const absl::Status extended = harness_.Extend(learner, 1).status();
  EXPECT_EQ(extended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(extended.message()),
              HasSubstr("learnt from job 1 (warm_start), which was deleted"));
}

TEST_F(WarmStartJobTest, ASourceMustExistOnceAndHaveTheSameObjective) {
  v1::JobSpec spec = Learner();
  spec.set_warm_start(0, "nobody");
  EXPECT_THAT(Refusal(spec), HasSubstr("warm_start[0]: "));
  spec.set_warm_start(0, "1");
  spec.add_warm_start("job");
  EXPECT_EQ(Refusal(spec), "warm_start[1]: names job 1 (job) a second time");
  spec = Learner();
  spec.mutable_objective()->set_metric("validation_loss");
  EXPECT_EQ(Refusal(spec),
            "warm_start[0]: job 1 (job) maximizes validation_accuracy, this job minimizes "
            "validation_loss: their values cannot be compared");
}

TEST_F(WarmStartJobTest, SamplersThatDoNotLearnAreRefused) {
  v1::JobSpec spec = Learner();
  spec.mutable_sampler()->mutable_random();
  EXPECT_EQ(Refusal(spec),
            "warm_start: needs a sampler that learns from trials: zoom, tpe, gp or cmaes");
  spec.mutable_sampler()->mutable_external();
  EXPECT_THAT(Refusal(spec), HasSubstr("needs a sampler that learns"));
  spec.clear_sampler();
  const absl::StatusOr<v1::Job> chosen = harness_.Submit(spec);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_FALSE(chosen->spec().sampler().has_sobol()) << chosen->sampler_choice();
}

TEST_F(WarmStartJobTest, WarnsOfASourceOfNoUse) {
  v1::JobSpec spec = Learner();
  (*spec.mutable_fixed()->mutable_fields())["dropout"].set_number_value(0.1);
  (*spec.mutable_space())["hidden_layers"].mutable_int_()->set_min(1);
  (*spec.mutable_space())["hidden_layers"].mutable_int_()->set_max(3);
  const absl::StatusOr<v1::Job> job = harness_.Submit(spec);
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_EQ(job->warnings_size(), 1);
  EXPECT_EQ(job->warnings(0),
            "warm_start[0]: nothing is learnt from job 1 (job): none of its 12 trials is a point "
            "of this job's space");
}

}  // namespace
}  // namespace caviar::engine
