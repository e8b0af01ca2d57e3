#include "coordinator/engine/adjust_trial.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/adjusted_trial.h"

namespace caviar::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(AdjustTrialTest, ARunningTrialIsHandedBackAndGoesOnWithTheNewValues) {
  Start();
  EXPECT_EQ(Rate(assign_.hyperparameters()), kFirstRate);
  Train(2);
  const v1::Trial waiting = MustAdjust(Set({{"learning_rate", 0.01}}));
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::PAUSED);
  EXPECT_EQ(Rate(waiting.next_adjustment().set()), 0.01);
  EXPECT_EQ(Rate(waiting.next_adjustment().replaced()), kFirstRate);
  EXPECT_EQ(waiting.adjustments_size(), 0);
  Train(1);  // the epoch under way
  SaveAndTakeAgain("c3");
  EXPECT_EQ(assign_.from_epoch(), 3u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.01);
  EXPECT_EQ(assign_.changes_size(), 0);
  ASSERT_EQ(Trial().adjustments_size(), 1);
  EXPECT_EQ(Trial().adjustments(0).after_epoch(), 3u);
  EXPECT_EQ(Rate(Trial().adjustments(0).replaced()), kFirstRate);
  EXPECT_FALSE(Trial().has_next_adjustment());
  EXPECT_EQ(Rate(Trial().point()), kFirstRate) << "as it was created";
}

TEST_F(AdjustTrialTest, AChangeThatWaitsTakesOthersInAndIsToldOnce) {
  Start();
  Train(1);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  MustAdjust(Set({{"learning_rate", 0.02}, {"dropout", 0.5}}));
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), std::nullopt);
  EXPECT_EQ(EngineHarness::StopOf(Train(1), session_), std::nullopt);
  SaveAndTakeAgain("c2");
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.02);
  EXPECT_EQ(assign_.hyperparameters().fields().at("dropout").number_value(), 0.5);
  ASSERT_EQ(Trial().adjustments_size(), 1);
  EXPECT_EQ(Trial().adjustments(0).replaced().fields().at("dropout").number_value(), 0)
      << "the default";
}

TEST_F(AdjustTrialTest, WhatIsSoAlreadyChangesNothing) {
  Start();
  Train(1);
  MustAdjust(Set({{"learning_rate", kFirstRate}, {"dropout", 0}}));
  EXPECT_TRUE(harness_.last().writes.empty());
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), std::nullopt);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  MustAdjust(Set({{"learning_rate", kFirstRate}}));
  EXPECT_FALSE(Trial().has_next_adjustment()) << "taken back before it took effect";
}

TEST_F(AdjustTrialTest, AnAdjustedHandBackWithoutAnEpochIsNoRefusalOfTheWorker) {
  Start();
  MustAdjust(Set({{"learning_rate", 0.01}}));
  harness_.HandBack(session_, assign_.id(), 0);
  Take(session_);
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.01);
  EXPECT_EQ(Trial().adjustments(0).after_epoch(), 0u);
}

TEST_F(AdjustTrialTest, ALostTrialTrainsAgainWithTheOldValuesUpToTheChange) {
  Start();
  Train(2);
  Save("c2");
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  LoseTo("v");
  EXPECT_EQ(assign_.from_epoch(), 2u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), kFirstRate);
  ASSERT_EQ(assign_.changes_size(), 1);
  EXPECT_EQ(assign_.changes(0).after_epoch(), 4u);
  EXPECT_EQ(Rate(assign_.changes(0).set()), 0.01);
  EXPECT_EQ(Trial().adjustments(0).after_epoch(), 4u);
}

TEST_F(AdjustTrialTest, EveryRetryIsToldTheSameChanges) {
  Start();
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  SaveAndTakeAgain("c2");
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.001}}));
  SaveAndTakeAgain("c4");
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.001);
  Train(1);
  harness_.Restart();
  harness_.Tick(absl::Seconds(36));
  Take(harness_.Connect("v"));
  EXPECT_EQ(assign_.from_epoch(), 4u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.001);
  EXPECT_EQ(assign_.changes_size(), 0);
}

TEST_F(AdjustTrialTest, AWorkerThatWasAwayIsToldToStopForTheChange) {
  Start();
  Train(1);
  harness_.Step(SessionClosed{session_});
  MustAdjust(Set({{"learning_rate", 0.01}}));
  session_ = harness_.Connect("w", 1, 1, {EngineHarness::Running(assign_.id(), 1)});
  const auto registered =
      EngineHarness::Sent(harness_.last(), session_, v1::CoordinatorMessage::kRegistered);
  ASSERT_EQ(registered.size(), 1u);
  EXPECT_EQ(registered[0].registered().attempts(0).state(), v1::DesiredAttempt::STOP);
  EXPECT_EQ(registered[0].registered().attempts(0).reason(), v1::Stop::PAUSED);
}

TEST_F(AdjustTrialTest, ATrialThatEndsFirstSaysWhatCameOfTheChange) {
  Start();
  Train(10);
  harness_.Finish(session_, assign_.id(), sequence_);
  Start(Spec());
  trained_ = sequence_ = 0;
  Train(9);
  MustAdjust(Set({{"learning_rate", 0.01}, {"dropout", 0.1}}));
  Train(1);
  harness_.Finish(session_, assign_.id(), sequence_);
  EXPECT_EQ(Trial().state(), v1::Trial::COMPLETED);
  EXPECT_EQ(Trial().reason(),
            "ended before the change of dropout, learning_rate could take effect");
  EXPECT_FALSE(Trial().has_next_adjustment());
  EXPECT_EQ(Trial().adjustments_size(), 0);
}

TEST_F(AdjustTrialTest, AHeldTrialWaitsAndItsJobWithIt) {
  Start();
  Train(2);
  EXPECT_TRUE(MustAdjust(Do(v1::AdjustTrialRequest::PAUSE)).is_held());
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::PAUSED);
  MustAdjust(Do(v1::AdjustTrialRequest::PAUSE));
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), std::nullopt) << "told already";
  Save("c2");
  Back();
  EXPECT_EQ(Trial().state(), v1::Trial::PAUSED);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::RUNNING);
  EXPECT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  EXPECT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  EXPECT_EQ(Trial().state(), v1::Trial::PAUSED) << "a person holds it, not the job";
  harness_.Restart();
  session_ = harness_.Connect("w");
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::RUNNING);
  // Changes to a held trial take effect at once, and show when it goes on.
  EXPECT_EQ(MustAdjust(Set({{"learning_rate", 0.01}})).adjustments(0).after_epoch(), 2u);
  MustAdjust(Do(v1::AdjustTrialRequest::RESUME));
  Take(session_);
  EXPECT_EQ(assign_.from_epoch(), 2u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.01);
  EXPECT_FALSE(Trial().is_held());
}

TEST_F(AdjustTrialTest, AHeldTrialStaysHeldWhenItsWorkerIsLost) {
  Start();
  Train(2);
  MustAdjust(Do(v1::AdjustTrialRequest::PAUSE));
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  EXPECT_EQ(Trial().state(), v1::Trial::PAUSED);
  EXPECT_TRUE(Trial().is_held());
}

TEST_F(AdjustTrialTest, OthersRunWhileOneIsHeld) {
  v1::JobSpec spec = Spec(2);
  spec.set_max_parallel_trials(1);
  Start(spec);
  Train(1);
  MustAdjust(Do(v1::AdjustTrialRequest::PAUSE));
  Save("c1");
  Back();
  const v1::Assign other = harness_.TakeAssign(session_);
  EXPECT_EQ(other.id().trial(), 2u);
  harness_.Complete(session_, other, 0.5);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::RUNNING);
  MustAdjust(Do(v1::AdjustTrialRequest::RESUME));
  harness_.CompleteAll(session_);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
}

TEST_F(AdjustTrialTest, ATrialHeldAtTheEndOfItsLastGrantCanBeResumed) {
  v1::JobSpec spec = Spec();
  spec.mutable_budget()->set_total_epochs(3);
  Start(spec);
  Train(2);
  MustAdjust(Do(v1::AdjustTrialRequest::PAUSE));
  Train(1);
  SaveAndHold("c3");
  EXPECT_THAT(Refusal(Set({{"dropout", 0.5}})), HasSubstr("is ending"));
  MustAdjust(Do(v1::AdjustTrialRequest::RESUME));
  Take(session_);
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::PRUNED);
  harness_.Finish(session_, assign_.id(), 0, v1::AttemptFinished::STOPPED, "model");
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
}

TEST_F(AdjustTrialTest, CancellingAndWallTimeEndAHeldTrial) {
  v1::JobSpec spec = Spec();
  spec.mutable_budget()->mutable_wall_time()->set_seconds(60);
  Start(spec);
  Train(2);
  MustAdjust(Do(v1::AdjustTrialRequest::PAUSE));
  Save("c2");
  Back();
  harness_.Tick(absl::Seconds(61));
  EXPECT_EQ(Trial().state(), v1::Trial::PRUNED);
  EXPECT_FALSE(Trial().is_held());
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
}

// What is asked for while epochs are trained again takes effect after them.
TEST_F(AdjustTrialTest, KeepsTheNewestCheckpointsAndReleasesAllAtTheEnd) {
  v1::JobSpec spec = Spec();
  spec.mutable_budget()->set_epochs(40);
  Start(spec);
  std::vector<std::string> released;
  for (int i = 1; i <= 18; ++i) {
    Train(1);
    MustAdjust(Set({{"learning_rate", 0.001 * i}}));
    SaveAndTakeAgain(absl::StrCat("c", i));
    for (const std::string& digest : EngineHarness::Released(harness_.last())) {
      released.push_back(digest);
    }
  }
  EXPECT_EQ(harness_.Durable(job_, 1).kept_checkpoints_size(), 16);
  EXPECT_THAT(released, ElementsAre(Digest("c1"), Digest("c2")));
  harness_.AskAbout<v1::CancelJobRequest>(job_).IgnoreError();
  EXPECT_EQ(EngineHarness::Released(harness_.last()).size(), 16u);
}

}  // namespace
}  // namespace caviar::engine
