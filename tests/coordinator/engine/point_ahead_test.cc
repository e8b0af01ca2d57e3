#include "coordinator/engine/point_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

// gp thinks from its third trial on, once two have ended.
class PointAheadTest : public ::testing::Test {
 protected:
  PointAheadTest() { harness_.ThinkByHand(); }

  void Start(int trials, uint32_t slots) {
    v1::JobSpec spec = EngineHarness::Spec(trials, 1);
    spec.mutable_sampler()->mutable_gp()->set_startup_trials(2);
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w", slots);
  }
  // Of what the worker was given, what it has not ended yet.
  size_t assigned() {
    for (const v1::Assign& assign : harness_.TakeAssigns(session_)) assigns_.push_back(assign);
    return assigns_.size();
  }
  v1::Assign TakeAssign() {
    EXPECT_GT(assigned(), 0u);
    const v1::Assign assign = assigns_.front();
    assigns_.pop_front();
    return assign;
  }
  // Trains the oldest one to its end.
  v1::Assign EndOne(double value) {
    const v1::Assign assign = TakeAssign();
    harness_.Measure(session_, assign.id(), 1, 1, {value});
    harness_.Finish(session_, assign.id(), 1);
    return assign;
  }
  void EndTwo() {
    EndOne(0.5);
    EndOne(0.6);
  }
  void StepThought() { harness_.Step(harness_.TakeThought()); }
  v1::TrialRecord Record(uint32_t trial) { return harness_.Durable(job_, trial); }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  std::deque<v1::Assign> assigns_;
};

TEST_F(PointAheadTest, ThinksOnceThereIsSomethingToLearnFrom) {
  Start(5, 1);
  EndOne(0.5);
  EXPECT_EQ(harness_.thoughts(), 0u);
  EndOne(0.6);
  EXPECT_EQ(harness_.thoughts(), 1u);
  EXPECT_EQ(assigned(), 0u) << "there is no third point yet";
  StepThought();
  EXPECT_EQ(TakeAssign().id().trial(), 3u);
}

TEST_F(PointAheadTest, ThinksOfTheNextPointWhileATrialRuns) {
  Start(5, 1);
  EndTwo();
  StepThought();
  ASSERT_EQ(harness_.thoughts(), 1u);  // of trial 4
  StepThought();
  EXPECT_EQ(EndOne(0.7).id().trial(), 3u);
  ASSERT_EQ(assigned(), 1u) << "the worker did not wait";
  EXPECT_EQ(TakeAssign().id().trial(), 4u);
}

TEST_F(PointAheadTest, ATrialKeepsWhatItsPointWasThoughtOfFrom) {
  Start(5, 1);
  EndTwo();
  const uint64_t seen = std::max(Record(1).ended_at_sequence(), Record(2).ended_at_sequence());
  StepThought();
  EXPECT_EQ(Record(3).sampled_at_sequence(), seen);
  StepThought();
  EndOne(0.7);
  EXPECT_LT(Record(4).sampled_at_sequence(), Record(3).ended_at_sequence())
      << "it was thought of while trial 3 ran";
  EXPECT_GE(Record(4).sampled_at_sequence(), seen);
}

TEST_F(PointAheadTest, ThinksAgainWhenThereIsNews) {
  Start(8, 2);
  EndOne(0.5);
  EndOne(0.6);
  // Trial 3 runs from the start on where two slots are, or is thought of now.
  while (harness_.thoughts() > 0) StepThought();
  ASSERT_EQ(assigned(), 2u) << "both slots are busy, and a point is ahead";
  v1::WorkerMessage full;  // a worker that takes no more
  full.mutable_draining();
  harness_.Say(session_, full);
  EndOne(0.7);
  EXPECT_EQ(harness_.thoughts(), 1u) << "of the same trial, with the new result";
}

TEST_F(PointAheadTest, APausedJobDoesNotThink) {
  Start(5, 1);
  EndOne(0.5);
  const v1::Assign second = TakeAssign();
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  harness_.Measure(session_, second.id(), 1, 1, {0.6});
  harness_.Finish(session_, second.id(), 1);
  EXPECT_EQ(harness_.thoughts(), 0u);
  ASSERT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  EXPECT_EQ(harness_.thoughts(), 1u);
}

TEST_F(PointAheadTest, ThinksAnewAfterARestart) {
  Start(5, 1);
  EndTwo();
  const Event lost = harness_.TakeThought();
  harness_.Restart();
  harness_.Step(TimePassed{});
  ASSERT_EQ(harness_.thoughts(), 1u);
  session_ = harness_.Connect("w", 1, 2);
  StepThought();
  EXPECT_EQ(TakeAssign().id().trial(), 3u);
  // The same trial, the same knowledge, the same point.
  const auto& proposal = *std::get<PointProposed>(lost).proposal;
  EXPECT_EQ(Record(3).point().SerializeAsString(), proposal.point.SerializeAsString());
}

TEST_F(PointAheadTest, AThoughtAboutAnEndedOrDeletedJobIsDropped) {
  Start(5, 1);
  EndTwo();
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  const Event late = harness_.TakeThought();
  EXPECT_TRUE(harness_.Step(late).writes.empty());
  harness_.AskAbout<v1::DeleteJobRequest>(job_).IgnoreError();
  EXPECT_TRUE(harness_.Step(late).writes.empty());
}

TEST_F(PointAheadTest, AJobOfAThinkingSamplerHasExactlyItsTrials) {
  Start(4, 1);
  EndTwo();
  for (int i = 0; i < 2; ++i) {
    while (harness_.thoughts() > 0) StepThought();
    EndOne(0.5);
  }
  while (harness_.thoughts() > 0) StepThought();
  EXPECT_EQ(assigned(), 0u);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
}

}  // namespace
}  // namespace caviar::engine
