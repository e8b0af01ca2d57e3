#include "coordinator/engine/early_end.h"

#include <gmock/gmock.h>

#include <vector>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class EarlyEndTest : public ::testing::Test {
 protected:
  void Start(const v1::JobSpec& spec, uint32_t slots = 1) {
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w", slots);
  }
  v1::Job View() { return harness_.JobOf(job_); }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
};

v1::JobSpec WithTarget(double target, int trials = 5) {
  v1::JobSpec spec = EngineHarness::Spec(trials, 4);
  spec.mutable_budget()->set_target(target);
  return spec;
}

TEST_F(EarlyEndTest, EndsOnceATrialHasTheTarget) {
  Start(WithTarget(0.9));
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.8);
  const v1::Assign second = harness_.TakeAssign(session_);
  const Effects effects = harness_.Measure(session_, second.id(), 1, 1, {0.9});
  EXPECT_EQ(EngineHarness::StopOf(effects, session_), v1::Stop::PRUNED) << "to keep its model";
  EXPECT_EQ(View().state(), v1::Job::RUNNING) << "until the model is there";
  harness_.Finish(session_, second.id(), 1, v1::AttemptFinished::STOPPED, "model");
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_EQ(View().trials().created(), 2u);
  EXPECT_THAT(View().reason(), HasSubstr("target 0.9 reached by trial 2"));
  EXPECT_EQ(harness_.TrialOf(job_, 2).state(), v1::Trial::PRUNED);
}

TEST_F(EarlyEndTest, StopsWhatElseRuns) {
  Start(WithTarget(0.9), 3);
  const std::vector<v1::Assign> assigns = harness_.TakeAssigns(session_);
  ASSERT_EQ(assigns.size(), 3u);
  harness_.Measure(session_, assigns[0].id(), 1, 1, {0.5});
  harness_.Measure(session_, assigns[1].id(), 1, 1, {0.95});
  // Trial 3 has measured nothing.
  EXPECT_EQ(harness_.TrialOf(job_, 3).state(), v1::Trial::CANCELLED);
  harness_.Finish(session_, assigns[0].id(), 1, v1::AttemptFinished::STOPPED);
  harness_.Finish(session_, assigns[1].id(), 1, v1::AttemptFinished::STOPPED);
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::PRUNED);
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
}

TEST_F(EarlyEndTest, ATargetOfALossIsAnUpperBound) {
  v1::JobSpec spec = WithTarget(0.1);
  spec.mutable_objective()->set_metric("validation_accuracy");
  spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  Start(spec);
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.2);
  EXPECT_EQ(View().state(), v1::Job::RUNNING);
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.05);
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
}

TEST_F(EarlyEndTest, StaysEndingAfterARestart) {
  Start(WithTarget(0.9), 2);
  const std::vector<v1::Assign> assigns = harness_.TakeAssigns(session_);
  harness_.Measure(session_, assigns[0].id(), 1, 1, {0.5});
  harness_.Measure(session_, assigns[1].id(), 1, 1, {0.95});
  harness_.Restart();
  session_ = harness_.Connect("w", 2, 2);  // it lost what it ran
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_THAT(View().reason(), HasSubstr("target"));
}

TEST_F(EarlyEndTest, AJobThatCameToItsTargetIsNotExtendedNorSaidToBe) {
  Start(WithTarget(0.9));
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.95);
  const absl::StatusOr<v1::Job> extended = harness_.Extend(job_, 5);
  EXPECT_EQ(extended.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(extended.status().message()), HasSubstr("target"));
  v1::AddTrialsRequest points;
  points.set_job(absl::StrCat(job_));
  points.add_points();
  UserAsked asked;
  asked.ask = points;
  const Reply added = EngineHarness::FirstReply(harness_.Step(asked));
  EXPECT_THAT(std::string(added.answer.status().message()), HasSubstr("submit a new job"));
}

// asha with rungs at 1 and 2 epochs.
v1::JobSpec AtRungs(v1::JobSpec spec) {
  spec.mutable_scheduler()->mutable_asha()->set_reduction_factor(2);
  return spec;
}

TEST_F(EarlyEndTest, ATargetReachedAtARungIsNoPause) {
  Start(AtRungs(WithTarget(0.9)));
  const v1::Assign first = harness_.TakeAssign(session_);
  const Effects effects = harness_.Measure(session_, first.id(), 1, 1, {0.95});
  EXPECT_EQ(EngineHarness::StopOf(effects, session_), v1::Stop::PRUNED) << "to keep its model";
  harness_.Finish(session_, first.id(), 1, v1::AttemptFinished::STOPPED, "model");
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_TRUE(harness_.Durable(job_, 1).model_digest() == Digest("model"));
}

TEST_F(EarlyEndTest, APausedJobComesToItsTargetOnceItGoesOnAndTheBestGetsItsModel) {
  Start(WithTarget(0.9));
  const v1::Assign first = harness_.TakeAssign(session_);
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  harness_.Measure(session_, first.id(), 1, 1, {0.95});
  EXPECT_EQ(View().reason(), "");
  harness_.Checkpoint(session_, first.id(), 1, "c1");
  harness_.HandBack(session_, first.id(), 1);
  ASSERT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  EXPECT_THAT(View().reason(), HasSubstr("target 0.9 reached by trial 1"));
  const v1::Assign again = harness_.TakeAssign(session_);
  EXPECT_EQ(again.checkpoint_digest(), Digest("c1"));
  harness_.Finish(session_, again.id(), 0, v1::AttemptFinished::STOPPED, "model");
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::PRUNED);
  EXPECT_EQ(harness_.Durable(job_, 1).model_digest(), Digest("model"));
}

TEST_F(EarlyEndTest, TheBestThatWasJustToldToPauseStillGetsItsModel) {
  Start(WithTarget(0.9), 2);
  const std::vector<v1::Assign> assigns = harness_.TakeAssigns(session_);
  harness_.Measure(session_, assigns[0].id(), 1, 1, {0.5});
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  harness_.Measure(session_, assigns[1].id(), 1, 1, {0.95});
  ASSERT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  // Its worker had paused before it heard of the end.
  harness_.Checkpoint(session_, assigns[1].id(), 1, "c2");
  harness_.HandBack(session_, assigns[1].id(), 1);
  harness_.HandBack(session_, assigns[0].id(), 1);
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::PRUNED) << "not the best";
  const v1::Assign again = harness_.TakeAssign(session_);
  EXPECT_EQ(again.id().trial(), 2u);
  harness_.Finish(session_, again.id(), 0, v1::AttemptFinished::STOPPED, "model");
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.Durable(job_, 2).model_digest(), Digest("model"));
}

// ---- The terminator ----

v1::JobSpec WithTerminator(int trials) {
  v1::JobSpec spec = EngineHarness::Spec(trials, 1);
  spec.mutable_budget()->mutable_terminator()->set_min_trials(10);
  return spec;
}

TEST_F(EarlyEndTest, TheTerminatorEndsAJobThatHasFoundWhatThereIs) {
  Start(WithTerminator(200));
  // The same everywhere, to within what 100 rows of validation tell apart.
  for (int trial = 0; trial < 200 && View().state() == v1::Job::RUNNING; ++trial) {
    harness_.Complete(session_, harness_.TakeAssign(session_), trial % 2 == 0 ? 0.9 : 0.901);
  }
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_LT(View().trials().created(), 200u);
  EXPECT_GE(View().trials().created(), 10u);
  EXPECT_THAT(View().reason(), HasSubstr("terminator: more trials would bring at most"));
}

TEST_F(EarlyEndTest, TheTerminatorThinksOnlyOnceEnoughHaveEnded) {
  harness_.ThinkByHand();
  Start(WithTerminator(40));
  for (int trial = 0; trial < 9; ++trial) {
    harness_.Complete(session_, harness_.TakeAssign(session_), 0.5);
  }
  EXPECT_EQ(harness_.thoughts(), 0u);
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.5);
  EXPECT_EQ(harness_.thoughts(), 1u);
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.6);
  EXPECT_EQ(harness_.thoughts(), 1u) << "one at a time";
}

TEST_F(EarlyEndTest, TheTerminatorCountsTrialsAtRungsAndTheBestGetsItsModel) {
  harness_.ThinkByHand();
  v1::JobSpec spec = WithTerminator(40);
  spec.mutable_budget()->set_epochs(64);  // so that nobody comes to the last rung
  Start(AtRungs(spec));
  for (int attempt = 0; harness_.thoughts() == 0 && attempt < 80; ++attempt) {
    const v1::Assign assign = harness_.TakeAssign(session_);
    const uint32_t epochs = assign.until_epoch() - assign.from_epoch();
    const double value = assign.id().trial() == 1 ? 0.9 : 0.5;
    harness_.Measure(session_, assign.id(), 1, assign.from_epoch() + 1,
                     std::vector<double>(epochs, value));
    harness_.Checkpoint(session_, assign.id(), assign.until_epoch(),
                        absl::StrCat("c", assign.id().trial(), "@", assign.until_epoch()));
    harness_.HandBack(session_, assign.id(), 1);
  }
  ASSERT_EQ(harness_.thoughts(), 1u);
  RemainingAssessed assessed = std::get<RemainingAssessed>(harness_.TakeThought());
  assessed.remaining = {.improvement = 0.001, .noise = 0.01};
  ASSERT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::PAUSED) << "at its rung";
  const v1::Assign other = harness_.TakeAssign(session_);
  harness_.Step(assessed);
  EXPECT_THAT(View().reason(), HasSubstr("terminator: more trials would bring at most 0.001"));
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::PENDING) << "the slot is not free yet";
  harness_.Finish(session_, other.id(), 0, v1::AttemptFinished::STOPPED);
  const v1::Assign model = harness_.TakeAssign(session_);
  EXPECT_EQ(model.id().trial(), 1u);
  harness_.Finish(session_, model.id(), 0, v1::AttemptFinished::STOPPED, "model");
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.Durable(job_, 1).model_digest(), Digest("model"));
}

TEST_F(EarlyEndTest, AThoughtOfTheTerminatorAboutAnEndedJobIsDropped) {
  harness_.ThinkByHand();
  Start(WithTerminator(10));
  for (int trial = 0; trial < 10; ++trial) {
    harness_.Complete(session_, harness_.TakeAssign(session_), 0.5);
  }
  EXPECT_EQ(View().state(), v1::Job::COMPLETED);
  while (harness_.thoughts() > 0) {
    EXPECT_TRUE(harness_.Step(harness_.TakeThought()).writes.empty());
  }
  EXPECT_EQ(View().reason(), "");
}

}  // namespace
}  // namespace caviar::engine
