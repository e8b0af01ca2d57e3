#include "coordinator/engine/scheduling.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class SchedulingTest : public ::testing::Test {
 protected:
  // asha with rungs at 1, 2 and 4 epochs; the best half of each goes on.
  static v1::JobSpec Asha(int trials = 4, int total_epochs = 0) {
    v1::JobSpec spec = EngineHarness::Spec(trials, 4);
    spec.mutable_scheduler()->mutable_asha()->set_reduction_factor(2);
    if (total_epochs > 0) spec.mutable_budget()->set_total_epochs(total_epochs);
    return spec;
  }
  void Start(const v1::JobSpec& spec, uint32_t slots = 1) {
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w", slots);
  }
  // Trains an assignment to its grant.
  Effects Train(const v1::Assign& assign, double value) {
    return harness_.Measure(session_, assign.id(), 1, assign.from_epoch() + 1,
                            std::vector<double>(assign.until_epoch() - assign.from_epoch(), value));
  }
  // Hands it back with a checkpoint of its grant's end.
  Effects HandBack(const v1::Assign& assign, uint32_t epoch) {
    harness_.Checkpoint(session_, assign.id(), epoch,
                        absl::StrCat("c", assign.id().trial(), "@", epoch));
    return harness_.HandBack(session_, assign.id(), 1);
  }
  // A new trial that pauses at its first rung.
  v1::Assign Pause(double value) {
    const v1::Assign assign = harness_.TakeAssign(session_);
    EXPECT_EQ(EngineHarness::StopOf(Train(assign, value), session_), v1::Stop::PAUSED);
    HandBack(assign, assign.until_epoch());
    return assign;
  }
  v1::Trial::State StateOf(uint32_t trial) { return harness_.TrialOf(job_, trial).state(); }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
};

TEST_F(SchedulingTest, ATrialPausesAtItsRungAndFreesItsSlot) {
  Start(Asha());
  const v1::Assign first = harness_.TakeAssign(session_);
  EXPECT_EQ(first.until_epoch(), 1u);
  EXPECT_EQ(EngineHarness::StopOf(Train(first, 0.5), session_), v1::Stop::PAUSED);
  HandBack(first, 1);
  EXPECT_EQ(StateOf(1), v1::Trial::PAUSED);
  EXPECT_EQ(harness_.TakeAssign(session_).id().trial(), 2u);
}

TEST_F(SchedulingTest, APromotedTrialGoesOnFromItsCheckpointOnAnyWorker) {
  Start(Asha());
  Pause(0.5);
  Pause(0.4);
  // One of two: trial 1 comes before a new point.
  const v1::Assign promoted = harness_.TakeAssign(session_);
  EXPECT_EQ(promoted.id().trial(), 1u);
  EXPECT_EQ(promoted.id().attempt(), 2u);
  EXPECT_EQ(promoted.from_epoch(), 1u);
  EXPECT_EQ(promoted.until_epoch(), 2u);
  EXPECT_EQ(promoted.checkpoint_digest(), Digest("c1@1"));
}

TEST_F(SchedulingTest, GoesOnWithoutACheckpointWhereItIsIfItWouldBeNext) {
  Start(Asha());
  Pause(0.5);
  const v1::Assign second = harness_.TakeAssign(session_);
  const Effects effects = Train(second, 0.9);
  EXPECT_EQ(EngineHarness::StopOf(effects, session_), std::nullopt);
  const auto grants = EngineHarness::Sent(effects, session_, v1::CoordinatorMessage::kGrant);
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(grants.front().grant().until_epoch(), 2u);
  EXPECT_EQ(harness_.Durable(job_, 2).until_epoch(), 2u);
  EXPECT_EQ(StateOf(2), v1::Trial::RUNNING);
}

TEST_F(SchedulingTest, ResumedTrialsComeBeforePromotionsBeforeNewPoints) {
  Start(Asha(6), 3);
  const std::vector<v1::Assign> assigns = harness_.TakeAssigns(session_);
  ASSERT_EQ(assigns.size(), 3u);
  // The worker refuses the second, and gets nothing for a second: meanwhile two come to a rung.
  harness_.HandBack(session_, assigns[1].id(), 0);
  Train(assigns[0], 0.5);
  HandBack(assigns[0], 1);
  Train(assigns[2], 0.1);
  HandBack(assigns[2], 1);
  harness_.Tick(absl::Seconds(2));
  std::vector<uint32_t> order;
  for (const v1::Assign& assign : harness_.TakeAssigns(session_)) {
    order.push_back(assign.id().trial());
  }
  EXPECT_THAT(order, ::testing::ElementsAre(2, 1, 4));
}

TEST_F(SchedulingTest, WhatIsPausedAtTheJobsEndIsPrunedAndSaysWhy) {
  Start(Asha(4));
  std::set<uint32_t> completed;
  for (int guard = 0; guard < 50; ++guard) {
    const std::vector<v1::Assign> assigns = harness_.TakeAssigns(session_);
    if (assigns.empty()) break;
    const v1::Assign& assign = assigns.front();
    const uint32_t trial = assign.id().trial();
    uint32_t sequence = 0;
    uint32_t until = assign.until_epoch();
    for (uint32_t from = assign.from_epoch(); from < until;) {
      const Effects effects = harness_.Measure(session_, assign.id(), ++sequence, from + 1,
                                               std::vector<double>(until - from, 0.1 * trial));
      from = until;
      const auto grants = EngineHarness::Sent(effects, session_, v1::CoordinatorMessage::kGrant);
      if (!grants.empty()) until = grants.front().grant().until_epoch();
    }
    if (until == 4) {
      harness_.Finish(session_, assign.id(), sequence, v1::AttemptFinished::COMPLETED, "m");
      completed.insert(trial);
      continue;
    }
    harness_.Checkpoint(session_, assign.id(), until, absl::StrCat("c", trial, "@", until));
    harness_.HandBack(session_, assign.id(), sequence);
  }
  const v1::Job job = harness_.JobOf(job_);
  EXPECT_EQ(job.state(), v1::Job::COMPLETED);
  EXPECT_EQ(job.trials().created(), 4u);
  EXPECT_EQ(job.trials().paused(), 0u);
  EXPECT_EQ(StateOf(1), v1::Trial::PRUNED);
  EXPECT_THAT(harness_.TrialOf(job_, 1).reason(), HasSubstr("asha: not among the best"));
  EXPECT_FALSE(completed.empty());
  EXPECT_LT(job.epochs_done(), 16u);
  ASSERT_EQ(job.rungs_size(), 3);
  EXPECT_EQ(job.rungs(0).trials(), 4u);
  EXPECT_EQ(job.rungs(2).epochs(), 4u);
  EXPECT_EQ(harness_.Durable(job_, 1).checkpoint_digest(), "");
}

// floor(1 / 2) = 0 of a single trial earn it; yet the job's best is trained to the end.
TEST_F(SchedulingTest, TheBestIsTrainedToTheEndHoweverFewThereAre) {
  Start(Asha(1));
  v1::Assign assign = Pause(0.5);
  for (const uint32_t until : {2u, 4u}) {
    assign = harness_.TakeAssign(session_);
    EXPECT_EQ(assign.until_epoch(), until);
    Train(assign, 0.6);
    if (until < 4) HandBack(assign, until);
  }
  harness_.Finish(session_, assign.id(), 1, v1::AttemptFinished::COMPLETED, "m");
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
  EXPECT_EQ(StateOf(1), v1::Trial::COMPLETED);
}

// The budget has one epoch: the best trial, paused, cannot go on, but its checkpoint is a model.
TEST_F(SchedulingTest, TheBestTrialGetsItsModelWhenTheBudgetIsUsedUp) {
  Start(Asha(4, 1));
  Pause(0.5);
  const v1::Assign last = harness_.TakeAssign(session_);
  EXPECT_EQ(last.from_epoch(), 1u);
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::PRUNED);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::RUNNING);
  harness_.Finish(session_, last.id(), 0, v1::AttemptFinished::STOPPED, "m");
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
  EXPECT_EQ(StateOf(1), v1::Trial::PRUNED);
  EXPECT_EQ(harness_.Durable(job_, 1).model_digest(), Digest("m"));
  EXPECT_THAT(harness_.TrialOf(job_, 1).reason(), HasSubstr("asha"));
  EXPECT_EQ(harness_.JobOf(job_).epochs_done(), 1u);
}

TEST_F(SchedulingTest, GivesNoGrantThatTheBudgetHasNoEpochsFor) {
  Start(Asha(4, 3));
  Pause(0.5);
  Pause(0.4);
  // One epoch is left: trial 1 goes to epoch 2, and nothing more starts.
  const v1::Assign promoted = harness_.TakeAssign(session_);
  EXPECT_EQ(promoted.until_epoch(), 2u);
  Train(promoted, 0.6);
  HandBack(promoted, 2);
  const v1::Assign last = harness_.TakeAssign(session_);
  EXPECT_EQ(last.id().trial(), 1u);
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::PRUNED);
  EXPECT_EQ(harness_.JobOf(job_).trials().created(), 2u);
  EXPECT_EQ(harness_.JobOf(job_).epochs_done(), 3u);
}

// It has measured its rung: it waits, and is trained again only if it is promoted.
TEST_F(SchedulingTest, ATrialThatLosesItsWorkerAtItsRungWaitsThere) {
  Start(Asha());
  const v1::Assign first = harness_.TakeAssign(session_);
  Train(first, 0.9);
  session_ = harness_.Connect("w", 1, 2);  // its process died
  EXPECT_EQ(StateOf(1), v1::Trial::PAUSED);
  EXPECT_EQ(harness_.TakeAssign(session_).id().trial(), 2u);
}

TEST_F(SchedulingTest, APromotedTrialWithoutACheckpointStartsAnewAndItsEpochsCountOnce) {
  Start(Asha(4), 1);
  const v1::Assign first = harness_.TakeAssign(session_);
  Train(first, 0.9);
  session_ = harness_.Connect("w", 1, 2);
  Pause(0.1);
  const v1::Assign again = harness_.TakeAssign(session_);
  EXPECT_EQ(again.id().trial(), 1u);
  EXPECT_EQ(again.from_epoch(), 0u);
  EXPECT_EQ(again.until_epoch(), 2u);
  Train(again, 0.9);
  EXPECT_EQ(harness_.JobOf(job_).epochs_done(), 3u);
  EXPECT_EQ(harness_.JobOf(job_).epochs_repeated(), 1u);
  EXPECT_EQ(harness_.Durable(job_, 1).judgements_size(), 2);
}

TEST_F(SchedulingTest, ARestartKnowsWhoWaitsAndWhoWasPromoted) {
  Start(Asha());
  Pause(0.5);
  Pause(0.4);
  harness_.TakeAssign(session_);  // trial 1, promoted
  harness_.Restart();
  const v1::AttemptId running = [&] {
    v1::AttemptId id;
    id.set_job(job_);
    id.set_trial(1);
    id.set_attempt(2);
    return id;
  }();
  session_ = harness_.Connect("w", 2, 1, {EngineHarness::Running(running)});
  const v1::Assign next = harness_.TakeAssign(session_);
  EXPECT_EQ(next.id().trial(), 3u) << "trial 1 must not be promoted twice";
  EXPECT_EQ(StateOf(2), v1::Trial::PAUSED);
  const v1::Job job = harness_.JobOf(job_);
  EXPECT_EQ(job.rungs(0).trials(), 2u);
  EXPECT_EQ(job.rungs(0).promoted(), 1u);
}

TEST_F(SchedulingTest, AWorkerThatComesBackIsToldAgainToPause) {
  Start(Asha());
  const v1::Assign first = harness_.TakeAssign(session_);
  Train(first, 0.9);
  session_ = harness_.Connect("w", 1, 1, {EngineHarness::Running(first.id(), 1)});
  const auto registered =
      EngineHarness::Sent(harness_.last(), session_, v1::CoordinatorMessage::kRegistered);
  ASSERT_EQ(registered.size(), 1u);
  ASSERT_EQ(registered.front().registered().attempts_size(), 1);
  const v1::DesiredAttempt& desired = registered.front().registered().attempts(0);
  EXPECT_EQ(desired.state(), v1::DesiredAttempt::STOP);
  EXPECT_EQ(desired.reason(), v1::Stop::PAUSED);
}

TEST_F(SchedulingTest, ResumingAJobDoesNotStartThoseWhoWaitAtARung) {
  Start(Asha(), 1);
  Pause(0.5);
  const v1::Assign second = harness_.TakeAssign(session_);
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  // It comes to its rung while the job is paused: nothing is decided for it.
  EXPECT_EQ(
      EngineHarness::Sent(Train(second, 0.9), session_, v1::CoordinatorMessage::kGrant).size(), 0u);
  HandBack(second, 1);
  EXPECT_EQ(StateOf(2), v1::Trial::PAUSED);
  ASSERT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  EXPECT_EQ(StateOf(1), v1::Trial::PAUSED);
  EXPECT_EQ(harness_.TakeAssign(session_).id().trial(), 2u) << "promoted by its rung";
}

TEST_F(SchedulingTest, CancelEndsThoseWhoWait) {
  Start(Asha());
  Pause(0.5);
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  EXPECT_EQ(StateOf(1), v1::Trial::CANCELLED);
  EXPECT_EQ(harness_.JobOf(job_).rungs(0).trials(), 1u) << "kept after the end";
}

TEST_F(SchedulingTest, AnExtendedJobGoesOnWithItsRungs) {
  Start(Asha(1, 1));
  Pause(0.5);
  const v1::Assign last = harness_.TakeAssign(session_);
  harness_.Finish(session_, last.id(), 0, v1::AttemptFinished::STOPPED, "m");
  ASSERT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
  ASSERT_TRUE(harness_.Extend(job_, 1).ok());
  const v1::Assign next = harness_.TakeAssign(session_);
  EXPECT_EQ(next.id().trial(), 2u);
  // It is the better one of two; the first has ended and is not promoted any more.
  const auto grants =
      EngineHarness::Sent(Train(next, 0.9), session_, v1::CoordinatorMessage::kGrant);
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(harness_.JobOf(job_).rungs(0).trials(), 2u);
}

TEST_F(SchedulingTest, WallTimeEndsThoseWhoWait) {
  v1::JobSpec spec = Asha();
  spec.mutable_budget()->mutable_wall_time()->set_seconds(30);
  Start(spec);
  Pause(0.5);
  const v1::Assign second = harness_.TakeAssign(session_);
  for (int i = 0; i < 4; ++i) {
    harness_.Pass(absl::Seconds(10));
    harness_.Heartbeat(session_);
  }
  EXPECT_EQ(StateOf(1), v1::Trial::PRUNED);
  EXPECT_EQ(harness_.TrialOf(job_, 1).reason(), "wall_time reached");
  harness_.Finish(session_, second.id(), 0, v1::AttemptFinished::STOPPED);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
}

TEST_F(SchedulingTest, StoppingTypeStopsAtTheRungWithAModel) {
  v1::JobSpec spec = Asha();
  spec.mutable_scheduler()->mutable_asha()->set_stopping(true);
  Start(spec);
  const v1::Assign first = harness_.TakeAssign(session_);
  EXPECT_EQ(EngineHarness::Sent(Train(first, 0.5), session_, v1::CoordinatorMessage::kGrant).size(),
            1u);
  harness_.Measure(session_, first.id(), 2, 2, {0.6});
  harness_.Measure(session_, first.id(), 3, 3, {0.6, 0.6});
  harness_.Finish(session_, first.id(), 3, v1::AttemptFinished::COMPLETED, "m1");
  const v1::Assign second = harness_.TakeAssign(session_);
  EXPECT_EQ(EngineHarness::StopOf(Train(second, 0.1), session_), v1::Stop::PRUNED);
  harness_.Finish(session_, second.id(), 1, v1::AttemptFinished::STOPPED, "m2");
  EXPECT_EQ(StateOf(2), v1::Trial::PRUNED);
  EXPECT_EQ(harness_.TrialOf(job_, 2).reason(), "asha: not among the best 1 of 2 at 1 epoch");
  EXPECT_EQ(harness_.Durable(job_, 2).model_digest(), Digest("m2"));
}

TEST_F(SchedulingTest, MedianStopsARunningTrial) {
  v1::JobSpec spec = EngineHarness::Spec(3, 4);
  spec.mutable_scheduler()->mutable_median()->set_startup_trials(1);
  Start(spec);
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.5);
  const v1::Assign second = harness_.TakeAssign(session_);
  EXPECT_EQ(second.until_epoch(), 4u);
  EXPECT_EQ(EngineHarness::StopOf(harness_.Measure(session_, second.id(), 1, 1, {0.4}), session_),
            v1::Stop::PRUNED);
  harness_.Finish(session_, second.id(), 1, v1::AttemptFinished::STOPPED, "m2");
  EXPECT_EQ(StateOf(2), v1::Trial::PRUNED);
  EXPECT_THAT(harness_.TrialOf(job_, 2).reason(), HasSubstr("0.4 is worse than 0.5, the median"));
  EXPECT_EQ(harness_.TakeAssign(session_).id().trial(), 3u);
  EXPECT_EQ(harness_.JobOf(job_).rungs_size(), 0);
}

// Its trainer is gone, and with it its weights.
TEST_F(SchedulingTest, APrunedTrialThatLosesItsWorkerEndsThere) {
  v1::JobSpec spec = EngineHarness::Spec(3, 4);
  spec.mutable_scheduler()->mutable_median()->set_startup_trials(1);
  Start(spec);
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.5);
  const v1::Assign second = harness_.TakeAssign(session_);
  harness_.Measure(session_, second.id(), 1, 1, {0.4});
  session_ = harness_.Connect("w", 1, 2);
  EXPECT_EQ(StateOf(2), v1::Trial::PRUNED);
  EXPECT_THAT(harness_.TrialOf(job_, 2).reason(), HasSubstr("median"));
}

TEST_F(SchedulingTest, ATrialIsNeverPromotedTwiceFromOneRung) {
  Start(Asha(20), 3);
  std::set<std::pair<uint32_t, uint32_t>> granted;
  for (int guard = 0; guard < 300 && harness_.JobOf(job_).state() == v1::Job::RUNNING; ++guard) {
    for (const v1::Assign& assign : harness_.TakeAssigns(session_)) {
      const uint32_t trial = assign.id().trial();
      const double value = (trial * 7 % 20) / 20.0;
      Train(assign, value);
      const v1::TrialRecord record = harness_.Durable(job_, trial);
      if (record.until_epoch() > assign.until_epoch()) {
        harness_.HandBack(session_, assign.id(), 1);  // goes on elsewhere
      } else if (assign.until_epoch() == 4) {
        harness_.Finish(session_, assign.id(), 1, v1::AttemptFinished::COMPLETED, "m");
      } else {
        HandBack(assign, assign.until_epoch());
      }
    }
  }
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
  for (uint32_t trial = 1; trial <= 20; ++trial) {
    const v1::TrialRecord record = harness_.Durable(job_, trial);
    for (const v1::TrialGrant& grant : record.grants()) {
      EXPECT_TRUE(granted.insert({trial, grant.until_epoch()}).second) << "trial " << trial;
    }
  }
  const v1::Job job = harness_.JobOf(job_);
  EXPECT_EQ(job.rungs(0).trials(), 20u);
  EXPECT_GE(job.rungs(0).promoted(), 10u);
  EXPECT_LT(job.epochs_done(), 80u);
}

}  // namespace
}  // namespace caviar::engine
