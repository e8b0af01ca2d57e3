#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class JobLifeTest : public ::testing::Test {
 protected:
  void Start(const v1::JobSpec& spec, uint32_t slots = 2) {
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w", slots);
    assigns_ = harness_.TakeAssigns(session_);
  }
  v1::Job::State State() { return harness_.JobOf(job_).state(); }
  v1::Trial::State TrialState(uint32_t trial) { return harness_.TrialOf(job_, trial).state(); }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  std::vector<v1::Assign> assigns_;
};

TEST_F(JobLifeTest, CompletesWithExactlyItsTrials) {
  Start(EngineHarness::Spec(5));
  for (const v1::Assign& assign : assigns_) harness_.Complete(session_, assign, 0.5);
  harness_.CompleteAll(session_);
  const v1::Job job = harness_.JobOf(job_);
  EXPECT_EQ(job.state(), v1::Job::COMPLETED);
  EXPECT_EQ(job.trials().created(), 5u);
  EXPECT_EQ(job.trials().completed(), 5u);
  EXPECT_EQ(job.epochs_done(), 15u);
  EXPECT_TRUE(job.has_ended_at());
  EXPECT_EQ(job.best_trial(), 1u) << "equal values go by number";
}

TEST_F(JobLifeTest, FailsWhenNoTrialHasAValueQuotingTheMostCommonReason) {
  Start(EngineHarness::Spec(3, 3), 3);
  harness_.Finish(session_, assigns_[0].id(), 0, v1::AttemptFinished::INFEASIBLE, "", "NaN");
  harness_.Finish(session_, assigns_[1].id(), 0, v1::AttemptFinished::FAILED, "", "no memory");
  harness_.Finish(session_, assigns_[2].id(), 0, v1::AttemptFinished::INFEASIBLE, "", "NaN");
  EXPECT_EQ(State(), v1::Job::FAILED);
  EXPECT_THAT(harness_.JobOf(job_).reason(), HasSubstr("NaN (2 of 3 trials)"));
}

TEST_F(JobLifeTest, SaysSoWhenEveryTrialWasInfeasible) {
  Start(EngineHarness::Spec(1));
  harness_.Finish(session_, assigns_[0].id(), 0, v1::AttemptFinished::INFEASIBLE, "", "NaN");
  EXPECT_EQ(harness_.JobOf(job_).reason(), "every trial was infeasible: NaN");
}

TEST_F(JobLifeTest, PauseHandsBackAndResumeContinuesFromTheCheckpoint) {
  Start(EngineHarness::Spec(3), 1);
  const Effects effects = [&] {
    EXPECT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
    return harness_.last();
  }();
  EXPECT_EQ(EngineHarness::StopOf(effects, session_), v1::Stop::PAUSED);
  harness_.Measure(session_, assigns_[0].id(), 1, 1, {0.5});
  harness_.Checkpoint(session_, assigns_[0].id(), 1, "c1");
  harness_.HandBack(session_, assigns_[0].id(), 1);
  EXPECT_EQ(TrialState(1), v1::Trial::PAUSED);
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  EXPECT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok()) << "idempotent";
  harness_.Restart();
  session_ = harness_.Connect("w");
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  EXPECT_EQ(harness_.AskAbout<v1::ResumeJobRequest>(job_)->state(), v1::Job::RUNNING);
  const v1::Assign assign = harness_.TakeAssign(session_);
  EXPECT_EQ(assign.id().trial(), 1u);
  EXPECT_EQ(assign.from_epoch(), 1u);
}

TEST_F(JobLifeTest, AWorkerThatReconnectsIsToldToStopForAPause) {
  Start(EngineHarness::Spec(3), 1);
  harness_.Step(SessionClosed{session_});
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  session_ = harness_.Connect("w", 1, 1, {EngineHarness::Running(assigns_[0].id())});
  const auto sent =
      EngineHarness::Sent(harness_.last(), session_, v1::CoordinatorMessage::kRegistered);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].registered().attempts(0).state(), v1::DesiredAttempt::STOP);
  EXPECT_EQ(sent[0].registered().attempts(0).reason(), v1::Stop::PAUSED);
}

TEST_F(JobLifeTest, CancelEndsAllTrialsAtOnceAndFreesSlotsWhenWorkersAnswer) {
  Start(EngineHarness::Spec(5), 1);
  harness_.Measure(session_, assigns_[0].id(), 1, 1, {0.5});
  EXPECT_EQ(harness_.AskAbout<v1::CancelJobRequest>(job_)->state(), v1::Job::CANCELLED);
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::CANCELLED);
  EXPECT_EQ(TrialState(1), v1::Trial::CANCELLED);
  EXPECT_EQ(harness_.JobOf(job_).best_value(), 0.5) << "what was measured is kept";
  // The slot is busy until the worker has stopped; what was under way is not answered.
  const uint32_t next = harness_.MustSubmit(EngineHarness::Spec(1));
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  EXPECT_TRUE(harness_.Measure(session_, assigns_[0].id(), 2, 2, {0.6}).writes.empty());
  const Effects effects =
      harness_.Finish(session_, assigns_[0].id(), 2, v1::AttemptFinished::STOPPED);
  EXPECT_TRUE(EngineHarness::IsFinishAcked(effects, session_));
  EXPECT_EQ(harness_.TakeAssign(session_).id().job(), next);
  EXPECT_EQ(harness_.AskAbout<v1::CancelJobRequest>(job_)->state(), v1::Job::CANCELLED);
}

TEST_F(JobLifeTest, AWorkerThatMissedTheCancelIsToldThatItsAttemptIsLost) {
  Start(EngineHarness::Spec(5), 1);
  harness_.Step(SessionClosed{session_});
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  session_ = harness_.Connect("w", 1, 1, {EngineHarness::Running(assigns_[0].id())});
  const auto sent =
      EngineHarness::Sent(harness_.last(), session_, v1::CoordinatorMessage::kRegistered);
  EXPECT_EQ(sent[0].registered().attempts(0).state(), v1::DesiredAttempt::LOST);
}

TEST_F(JobLifeTest, ExtendRunsAFinishedJobOn) {
  Start(EngineHarness::Spec(2), 2);
  for (const v1::Assign& assign : assigns_) harness_.Complete(session_, assign, 0.5);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.Extend(job_, 2, "x")->state(), v1::Job::RUNNING);
  EXPECT_EQ(harness_.Extend(job_, 2, "x")->spec().budget().trials(), 4) << "a retry adds nothing";
  harness_.CompleteAll(session_);
  EXPECT_EQ(harness_.JobOf(job_).trials().completed(), 4u);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
}

TEST_F(JobLifeTest, ExtendRefusesAnotherCountUnderTheSameRequestId) {
  Start(EngineHarness::Spec(2), 2);
  ASSERT_TRUE(harness_.Extend(job_, 2, "x").ok());
  harness_.Restart();
  EXPECT_EQ(harness_.Extend(job_, 3, "x").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(harness_.Extend(job_, 2, "x")->spec().budget().trials(), 4);
}

// A store that an older version filled may hold a spec that this one would not take.
TEST_F(JobLifeTest, ExtendRefusesAnEndedJobWhoseSpecIsNoneAnyMore) {
  Start(EngineHarness::Spec(1));
  harness_.Complete(session_, assigns_[0], 0.5);
  (*harness_.disk().jobs[job_].mutable_spec()->mutable_space())["learning_rate"].Clear();
  harness_.Restart();
  EXPECT_EQ(harness_.Extend(job_, 1).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(harness_.last().writes.empty());
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.JobOf(job_).spec().budget().trials(), 1);
}

// Else a point would depend on when the job was extended, which is not on record.
TEST_F(JobLifeTest, ExtendLeavesZoomInItsLastRound) {
  v1::JobSpec spec = EngineHarness::Spec(9, 1);
  spec.mutable_sampler()->mutable_zoom()->set_rounds(3);
  Start(spec, 1);
  harness_.Complete(session_, assigns_[0], 0.1);
  harness_.CompleteAll(session_, 0.5);
  ASSERT_TRUE(harness_.Extend(job_, 20).ok());
  harness_.Restart();
  session_ = harness_.Connect("w", 1, 2);
  harness_.CompleteAll(session_, 0.4);
  const v1::Job job = harness_.JobOf(job_);
  ASSERT_EQ(job.zoom_rounds_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(job.zoom_rounds(i).round(), i + 1);
    EXPECT_EQ(job.zoom_rounds(i).first_trial(), static_cast<uint32_t>(3 * i + 1));
  }
}

// Not by what had been left of its budget, which was cancelled, too.
TEST_F(JobLifeTest, ExtendRevivesACancelledJobByJustWhatIsAdded) {
  v1::JobSpec spec = EngineHarness::Spec(10, 3);
  spec.mutable_budget()->set_total_epochs(20);
  Start(spec, 1);
  harness_.Measure(session_, assigns_[0].id(), 1, 1, {0.5});
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  harness_.Finish(session_, assigns_[0].id(), 1, v1::AttemptFinished::STOPPED);
  const auto extended = harness_.Extend(job_, 2);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(extended->spec().budget().trials(), 3);
  EXPECT_EQ(extended->spec().budget().total_epochs(), 1 + 2 * 3);
  harness_.CompleteAll(session_);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.JobOf(job_).trials().cancelled(), 1u);
  EXPECT_EQ(harness_.JobOf(job_).trials().completed(), 2u);
}

TEST_F(JobLifeTest, SaysSoWhenItsEpochsAreUsedUpBeforeItsTrials) {
  v1::JobSpec spec = EngineHarness::Spec(10, 3);
  spec.mutable_budget()->set_total_epochs(6);
  Start(spec);
  for (const v1::Assign& assign : assigns_) harness_.Complete(session_, assign, 0.5);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.JobOf(job_).reason(), "total_epochs reached");
  EXPECT_EQ(harness_.JobOf(job_).trials().created(), 2u);
  // It is the trials that end this one.
  ASSERT_TRUE(harness_.Extend(job_, 2).ok());
  EXPECT_EQ(harness_.JobOf(job_).reason(), "");
}

TEST_F(JobLifeTest, ExtendGrowsTheEpochBudgetWhereThereIsOne) {
  v1::JobSpec spec = EngineHarness::Spec(2, 3);
  spec.mutable_budget()->set_total_epochs(5);
  Start(spec);
  EXPECT_EQ(harness_.Extend(job_, 4)->spec().budget().total_epochs(), 17);
  EXPECT_EQ(harness_.Extend(job_, 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(harness_.Extend(job_, 1 << 30).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(JobLifeTest, DeleteTakesEndedJobsOnlyAndReleasesTheirModels) {
  Start(EngineHarness::Spec(1, 1), 1);
  EXPECT_EQ(harness_.AskAbout<v1::DeleteJobRequest>(job_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  harness_.Complete(session_, assigns_[0], 0.5);
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(job_).ok());
  EXPECT_EQ(EngineHarness::Released(harness_.last()).size(), 1u);
  EXPECT_TRUE(harness_.disk().jobs.empty());
  EXPECT_TRUE(harness_.disk().trials.empty());
  EXPECT_TRUE(harness_.disk().curves.empty());
  EXPECT_EQ(harness_.AskAbout<v1::DeleteJobRequest>(job_).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(JobLifeTest, WallTimePrunesWhatHasAValueAndCancelsTheRest) {
  v1::JobSpec spec = EngineHarness::Spec(10, 100);
  spec.mutable_budget()->mutable_wall_time()->set_seconds(15);
  Start(spec);
  harness_.Measure(session_, assigns_[0].id(), 1, 1, {0.5});
  EXPECT_EQ(harness_.last().next_deadline, harness_.now() + absl::Seconds(15));
  harness_.Tick(absl::Seconds(15));
  EXPECT_EQ(TrialState(1), v1::Trial::RUNNING);
  EXPECT_EQ(TrialState(2), v1::Trial::CANCELLED);
  harness_.Finish(session_, assigns_[0].id(), 1, v1::AttemptFinished::STOPPED, "m");
  EXPECT_EQ(TrialState(1), v1::Trial::PRUNED);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.JobOf(job_).reason(), "wall_time reached");
  EXPECT_EQ(harness_.Durable(job_, 1).model_digest(), Digest("m"));
  EXPECT_EQ(harness_.Extend(job_, 1).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(JobLifeTest, WallTimeStandsWhileTheJobIsPausedAndSurvivesARestart) {
  v1::JobSpec spec = EngineHarness::Spec(10, 100);
  spec.mutable_budget()->mutable_wall_time()->set_seconds(15);
  Start(spec, 1);
  harness_.Tick(absl::Seconds(10));
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  harness_.Tick(absl::Seconds(5));
  harness_.Heartbeat(session_);
  harness_.HandBack(session_, assigns_[0].id(), 0);
  harness_.Tick(absl::Seconds(5));
  harness_.Restart();
  session_ = harness_.Connect("w", 1, 1);
  ASSERT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  harness_.Restart();
  session_ = harness_.Connect("w", 1, 1);
  harness_.Tick(absl::Seconds(4));
  EXPECT_EQ(State(), v1::Job::RUNNING);
  harness_.Tick(absl::Seconds(1));
  EXPECT_EQ(State(), v1::Job::FAILED) << "without one value";
}

TEST_F(JobLifeTest, AWorkerLostAfterTheWallTimeDoesNotHoldTheJob) {
  v1::JobSpec spec = EngineHarness::Spec(10, 100);
  spec.mutable_budget()->mutable_wall_time()->set_seconds(15);
  Start(spec, 1);
  harness_.Measure(session_, assigns_[0].id(), 1, 1, {0.5});
  harness_.Tick(absl::Seconds(15));
  harness_.Tick(absl::Seconds(5));
  EXPECT_EQ(TrialState(1), v1::Trial::PRUNED);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
}

// What was acknowledged is kept; but the weights of the best epoch are not there any more.
TEST_F(JobLifeTest, ARetryStoppedBeforeTheBestEpochKeepsTheCurveAndNoModel) {
  v1::JobSpec spec = EngineHarness::Spec(1, 100);
  spec.mutable_budget()->mutable_wall_time()->set_seconds(60);
  Start(spec, 1);
  harness_.Measure(session_, assigns_[0].id(), 1, 1, {0.5, 0.9});
  session_ = harness_.Connect("w", 1, 2);
  const v1::Assign second = harness_.TakeAssign(session_);
  harness_.Measure(session_, second.id(), 1, 1, {0.5});
  for (int i = 0; i < 4; ++i) {
    harness_.Pass(absl::Seconds(15));
    harness_.Heartbeat(session_);
  }
  const Effects effects =
      harness_.Finish(session_, second.id(), 1, v1::AttemptFinished::STOPPED, "m");
  EXPECT_TRUE(EngineHarness::IsFinishAcked(effects, session_));
  EXPECT_EQ(TrialState(1), v1::Trial::PRUNED);
  EXPECT_EQ(harness_.TrialOf(job_, 1).epochs(), 2u);
  EXPECT_EQ(harness_.TrialOf(job_, 1).value(), 0.9);
  EXPECT_TRUE(harness_.Durable(job_, 1).model_digest().empty());
  EXPECT_FALSE(harness_.TrialOf(job_, 1).metrics().contains("test_accuracy"));
}

TEST_F(JobLifeTest, EndedJobsAreNeitherPausedNorResumed) {
  Start(EngineHarness::Spec(1, 1), 1);
  harness_.Complete(session_, assigns_[0], 0.5);
  EXPECT_EQ(harness_.AskAbout<v1::PauseJobRequest>(job_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(harness_.AskAbout<v1::ResumeJobRequest>(job_).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(JobLifeTest, AJobIsFoundByNameOrId) {
  Start(EngineHarness::Spec(1, 1), 1);
  v1::CancelJobRequest request;
  request.set_job("job");
  EXPECT_EQ(harness_.Ask(request)->id(), job_);
  request.set_job(absl::StrCat(job_));
  EXPECT_EQ(harness_.Ask(request)->id(), job_);
  request.set_job("nobody");
  EXPECT_EQ(harness_.Ask(request).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace caviar::engine
