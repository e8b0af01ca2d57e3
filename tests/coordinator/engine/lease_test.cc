// Sessions, leases and restarts: who believes what about whom.
#include <gmock/gmock.h>

#include "coordinator/engine/limits.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

class LeaseTest : public ::testing::Test {
 protected:
  void Start(int trials = 1, uint32_t slots = 1) {
    job_ = harness_.MustSubmit(EngineHarness::Spec(trials));
    session_ = harness_.Connect("w", slots);
    assigns_ = harness_.TakeAssigns(session_);
    ASSERT_FALSE(assigns_.empty());
    assign_ = assigns_.front();
  }
  v1::Registered RegisteredOf(SessionId session) {
    const auto sent =
        EngineHarness::Sent(harness_.last(), session, v1::CoordinatorMessage::kRegistered);
    EXPECT_EQ(sent.size(), 1u);
    return sent.empty() ? v1::Registered() : sent.front().registered();
  }
  v1::DesiredAttempt::State DesiredOf(SessionId session) {
    const v1::Registered registered = RegisteredOf(session);
    EXPECT_EQ(registered.attempts_size(), 1);
    return registered.attempts_size() == 1 ? registered.attempts(0).state()
                                           : v1::DesiredAttempt::STATE_UNSPECIFIED;
  }
  v1::Trial::State StateOf(uint32_t trial = 1) { return harness_.TrialOf(job_, trial).state(); }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  std::vector<v1::Assign> assigns_;
  v1::Assign assign_;
};

TEST_F(LeaseTest, EveryMessageRenewsIt) {
  Start();
  for (int i = 0; i < 10; ++i) {
    harness_.Pass(absl::Seconds(19));
    EXPECT_FALSE(EngineHarness::Sent(harness_.Heartbeat(session_), session_,
                                     v1::CoordinatorMessage::kHeartbeatAck)
                     .empty());
  }
  harness_.Pass(absl::Seconds(19));
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  harness_.Tick(absl::Seconds(19));
  EXPECT_EQ(StateOf(), v1::Trial::RUNNING);
}

TEST_F(LeaseTest, SilenceEndsItAndTheSessionAndIsNoFailureOfTheTrial) {
  Start();
  harness_.Tick(absl::Seconds(20));
  EXPECT_EQ(StateOf(), v1::Trial::PENDING);
  EXPECT_EQ(EngineHarness::CloseOf(harness_.last(), session_), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
}

TEST_F(LeaseTest, BeingCutOffIsNoDeathOnceTheSameProcessReturns) {
  Start(4, 2);
  for (int blip = 0; blip < 5; ++blip) {
    harness_.Step(SessionClosed{session_});
    harness_.Tick(absl::Seconds(21));
    EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
    EXPECT_EQ(harness_.Durable(job_, 2).worker_deaths(), 1u);
    session_ = harness_.Connect("w", 2, 1);
    EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u);
    EXPECT_EQ(harness_.Durable(job_, 2).worker_deaths(), 0u);
    EXPECT_EQ(harness_.TakeAssigns(session_).size(), 2u) << "no trial wants the worker alone";
  }
}

TEST_F(LeaseTest, BeingCutOffIsNoDeathThoughTheCoordinatorStartedAnewMeanwhile) {
  Start(4, 2);
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  harness_.Restart();
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
  session_ = harness_.Connect("w", 2, 1);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u);
  EXPECT_EQ(harness_.Durable(job_, 2).worker_deaths(), 0u);
  EXPECT_EQ(harness_.Durable(job_, 2).silent_deaths_size(), 0);
  EXPECT_EQ(harness_.TakeAssigns(session_).size(), 2u) << "no trial wants the worker alone";
}

TEST_F(LeaseTest, SilenceBeforeARestartIsADeathWhenTheProcessReturnsAsAnother) {
  Start();
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  harness_.Restart();
  harness_.Connect("w", 1, 2);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
  EXPECT_EQ(harness_.Durable(job_, 1).silent_deaths_size(), 0) << "it is settled";
}

// However long it was cut off: the worker itself is forgotten sooner.
TEST_F(LeaseTest, BeingCutOffIsNoDeathOfAWorkerThatWasForgotten) {
  Start();
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(20));
  harness_.Tick(kGoneWorkerKept);
  EXPECT_EQ(ListWorkers(harness_.state()).workers_size(), 0);
  harness_.Connect("w", 1, 1);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u);
}

TEST_F(LeaseTest, WhatASilentWorkerLeftBehindIsGoneOnceTheTrialHasEnded) {
  Start();
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  EXPECT_EQ(harness_.Durable(job_, 1).silent_deaths_size(), 1);
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  EXPECT_EQ(harness_.Durable(job_, 1).silent_deaths_size(), 0);
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(job_).ok());
  harness_.Connect("w", 1, 1);
}

TEST_F(LeaseTest, SilenceIsADeathWhenTheProcessReturnsAsAnother) {
  Start();
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  harness_.Connect("w", 1, 2);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
  // What is settled is not taken back later.
  harness_.Connect("w", 1, 2, {EngineHarness::Running(assign_.id())});
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
}

TEST_F(LeaseTest, ATrialThatRunsAloneElsewhereIsAmongOthersAgainOnceTheDeathIsTakenBack) {
  Start(8, 1);
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  const SessionId other = harness_.Connect("x", 2);
  EXPECT_EQ(harness_.TakeAssigns(other).size(), 1u) << "trial 1, alone";
  harness_.Connect("w", 1, 1);
  EXPECT_EQ(harness_.TakeAssigns(other).size(), 1u) << "the other slot";
}

// The count is of deaths since the last new epoch: what came before it must not be taken off what
// came after.
TEST_F(LeaseTest, ADeathFromBeforeTheLastNewEpochIsNotTakenBackTwice) {
  Start();
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  const SessionId other = harness_.Connect("x", 1, 1);
  const v1::Assign second = harness_.TakeAssign(other);
  harness_.Measure(other, second.id(), 1, 1, {0.5});
  harness_.Connect("x", 1, 2);  // died
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
  harness_.Connect("w", 1, 1);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
}

TEST_F(LeaseTest, NextDeadlineIsItsEnd) {
  Start();
  EXPECT_EQ(harness_.last().next_deadline, harness_.now() + absl::Seconds(20));
}

TEST_F(LeaseTest, GoesOnAfterTheSessionClosedUntilTheWorkerReturns) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(10));
  EXPECT_EQ(StateOf(), v1::Trial::RUNNING);
  const SessionId again = harness_.Connect("w", 1, 1, {EngineHarness::Running(assign_.id(), 1)});
  EXPECT_EQ(DesiredOf(again), v1::DesiredAttempt::CONTINUE);
  EXPECT_EQ(RegisteredOf(again).attempts(0).durable_sequence(), 1u);
  EXPECT_EQ(RegisteredOf(again).attempts(0).until_epoch(), 3u);
  harness_.Measure(again, assign_.id(), 2, 2, {0.6});
  EXPECT_EQ(harness_.TrialOf(job_, 1).epochs(), 2u);
}

TEST_F(LeaseTest, AnOldSessionSaysNothingAfterANewOneRegistered) {
  Start();
  const SessionId again = harness_.Connect("w", 1, 1, {EngineHarness::Running(assign_.id())});
  EXPECT_EQ(EngineHarness::CloseOf(harness_.last(), session_), absl::StatusCode::kAborted);
  const Effects late = harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  EXPECT_TRUE(late.writes.empty());
  EXPECT_TRUE(EngineHarness::CloseOf(late, session_).has_value());
  // Nor does its end.
  harness_.Step(SessionClosed{session_});
  EXPECT_EQ(EngineHarness::AckOf(harness_.Measure(again, assign_.id(), 1, 1, {0.5}), again), 1u);
}

TEST_F(LeaseTest, ANewIncarnationWithoutTheAttemptLosesItAtOnce) {
  Start();
  const SessionId again = harness_.Connect("w", 1, 2);
  EXPECT_EQ(harness_.TakeAssign(again).id().attempt(), 2u);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
}

TEST_F(LeaseTest, AnAssignThatNeverArrivedIsNoDeath) {
  Start();
  harness_.Step(SessionClosed{session_});
  const SessionId again = harness_.Connect("w", 1, 1);
  EXPECT_EQ(harness_.TakeAssign(again).id().attempt(), 2u);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u);
}

TEST_F(LeaseTest, AnOlderIncarnationIsRefusedAndDisturbsNothing) {
  Start();
  const SessionId newer = harness_.Connect("w", 1, 2);
  const SessionId older = harness_.Connect("w", 1, 1);
  EXPECT_EQ(EngineHarness::CloseOf(harness_.last(), older), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(EngineHarness::CloseOf(harness_.last(), newer).has_value());
}

TEST_F(LeaseTest, ASecondRegisterEndsTheSession) {
  Start();
  v1::WorkerMessage message;
  message.mutable_register_()->set_worker_id("w");
  EXPECT_EQ(EngineHarness::CloseOf(harness_.Say(session_, message), session_),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(LeaseTest, AForeignProtocolVersionIsToldWhoToUpgrade) {
  v1::WorkerMessage message;
  message.mutable_register_()->set_worker_id("w");
  message.mutable_register_()->set_slots(1);
  message.mutable_register_()->set_protocol_min(2);
  message.mutable_register_()->set_protocol_max(3);
  EXPECT_EQ(EngineHarness::CloseOf(harness_.Say(SessionId{9}, message), SessionId{9}),
            absl::StatusCode::kFailedPrecondition);
  message.mutable_register_()->set_protocol_min(0);
  message.mutable_register_()->set_protocol_max(0);
  EXPECT_EQ(EngineHarness::CloseOf(harness_.Say(SessionId{9}, message), SessionId{9}),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(LeaseTest, AnOwnStallEndsNoLease) {
  Start();
  harness_.Pass(absl::Seconds(60));
  harness_.Step(DriverStalled{absl::Seconds(60)});
  EXPECT_EQ(StateOf(), v1::Trial::RUNNING);
  harness_.Tick(absl::Seconds(19));
  EXPECT_EQ(StateOf(), v1::Trial::RUNNING);
  harness_.Tick(absl::Seconds(1));
  EXPECT_EQ(StateOf(), v1::Trial::PENDING);
}

TEST_F(LeaseTest, ARestartReArmsItInFullWithGrace) {
  Start();
  harness_.Restart();
  harness_.Tick(absl::Seconds(34));
  EXPECT_EQ(StateOf(), v1::Trial::RUNNING);
  harness_.Tick(absl::Seconds(1));
  EXPECT_EQ(StateOf(), v1::Trial::PENDING);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u) << "a restart is not held against it";
}

TEST_F(LeaseTest, AWorkerContinuesAfterARestart) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  harness_.Restart();
  const SessionId again = harness_.Connect("w", 1, 1, {EngineHarness::Running(assign_.id(), 1)});
  EXPECT_EQ(DesiredOf(again), v1::DesiredAttempt::CONTINUE);
  harness_.Measure(again, assign_.id(), 2, 2, {0.6, 0.7});
  harness_.Finish(again, assign_.id(), 2);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::COMPLETED);
}

TEST_F(LeaseTest, AWitnessOfMoreThanIsDurableIsNotContinued) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  const SessionId again = harness_.Connect("w", 1, 1, {EngineHarness::Running(assign_.id(), 5)});
  EXPECT_EQ(DesiredOf(again), v1::DesiredAttempt::LOST);
  EXPECT_EQ(harness_.TakeAssign(again).id().attempt(), 2u);
  EXPECT_THAT(EngineHarness::BehindOf(harness_.last()),
              ::testing::HasSubstr("acknowledged through 5, where the store has 1"));
}

TEST_F(LeaseTest, AWitnessOfWhatIsNotOnRecordIsToldToThePersonInCharge) {
  Start();
  const auto evidence = [&](uint32_t job, uint32_t trial, uint32_t attempt) {
    v1::AttemptId id;
    id.set_job(job);
    id.set_trial(trial);
    id.set_attempt(attempt);
    harness_.Connect("other", 1, 1, {EngineHarness::Running(id, 3)});
    return EngineHarness::BehindOf(harness_.last());
  };
  EXPECT_THAT(evidence(7, 1, 1), ::testing::HasSubstr("job 7, where the next new one is 2"));
  EXPECT_THAT(evidence(job_, 9, 1), ::testing::HasSubstr("trial 9 of job 1, which has 1"));
  EXPECT_THAT(evidence(job_, 1, 4), ::testing::HasSubstr("where the newest is 1"));
}

TEST_F(LeaseTest, AWitnessThatTheRecordConfirmsIsNoWarning) {
  Start(2);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.5, 0.5});
  const std::vector running = {EngineHarness::Running(assign_.id(), 1)};
  harness_.Connect("w", 1, 1, running);
  EXPECT_EQ(EngineHarness::BehindOf(harness_.last()), "");
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  harness_.Connect("w", 1, 1, running);
  EXPECT_EQ(EngineHarness::BehindOf(harness_.last()), "");
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(job_).ok());
  harness_.Connect("w", 1, 1, running);
  EXPECT_EQ(EngineHarness::BehindOf(harness_.last()), "");
}

TEST_F(LeaseTest, PoisonFailsAfterThreeDeathsWithoutANewEpoch) {
  Start();
  for (uint32_t incarnation = 2; incarnation <= 1 + kWorkerDeathsMax; ++incarnation) {
    EXPECT_EQ(StateOf(), v1::Trial::RUNNING);
    session_ = harness_.Connect("w", 1, incarnation);
  }
  EXPECT_EQ(StateOf(), v1::Trial::FAILED);
  EXPECT_THAT(harness_.TrialOf(job_, 1).reason(), ::testing::HasSubstr("3 times"));
}

TEST_F(LeaseTest, ANewEpochForgivesEarlierDeaths) {
  Start();
  harness_.Connect("w", 1, 2);
  session_ = harness_.Connect("w", 1, 3);
  assign_ = harness_.TakeAssign(session_);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 2u);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u);
}

TEST_F(LeaseTest, ASuspectRunsAloneOnItsWorker) {
  Start(8, 2);  // trials 1 and 2 on w
  ASSERT_EQ(assigns_.size(), 2u);
  session_ = harness_.Connect("w", 2, 2);  // both lost
  // Alone: one of the two, and nothing beside it, though a slot and new points are there.
  const v1::Assign first = harness_.TakeAssign(session_);
  EXPECT_EQ(first.id().trial(), 1u);
  // A new epoch lifts the suspicion: the other slot is used again, but not by the other suspect.
  harness_.Measure(session_, first.id(), 1, 1, {0.5});
  EXPECT_EQ(StateOf(2), v1::Trial::PENDING);
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty()) << "w is kept free for the other suspect";
  harness_.Measure(session_, first.id(), 2, 2, {0.5, 0.5});
  harness_.Finish(session_, first.id(), 2);
  EXPECT_EQ(harness_.TakeAssign(session_).id().trial(), 2u);
}

TEST_F(LeaseTest, OthersWorkWhileAWorkerIsKeptFree) {
  Start(8, 2);
  const SessionId other = harness_.Connect("x", 2);
  const std::vector<v1::Assign> elsewhere = harness_.TakeAssigns(other);
  ASSERT_EQ(elsewhere.size(), 2u);
  session_ = harness_.Connect("w", 2, 2);
  EXPECT_EQ(harness_.TakeAssign(session_).id().trial(), 1u);
  // Trial 2 waits for a worker of its own; x alone is left and is kept free for it.
  harness_.Complete(other, elsewhere[0], 0.5);
  EXPECT_TRUE(harness_.TakeAssigns(other).empty());
  harness_.Complete(other, elsewhere[1], 0.5);
  EXPECT_EQ(harness_.TakeAssign(other).id().trial(), 2u);
}

TEST_F(LeaseTest, AGoneWorkerIsForgottenAfterAWhile) {
  Start();
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(20));
  EXPECT_EQ(ListWorkers(harness_.state()).workers_size(), 1);
  EXPECT_EQ(ListWorkers(harness_.state()).workers(0).state(), v1::Worker::DISCONNECTED);
  harness_.Tick(kGoneWorkerKept);
  EXPECT_EQ(ListWorkers(harness_.state()).workers_size(), 0);
}

}  // namespace
}  // namespace caviar::engine
