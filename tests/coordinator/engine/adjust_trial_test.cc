#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using Struct = google::protobuf::Struct;

constexpr double kFirstRate = 0.25;

Struct Values(const std::map<std::string, double>& values) {
  Struct set;
  for (const auto& [name, value] : values) (*set.mutable_fields())[name].set_number_value(value);
  return set;
}
v1::AdjustTrialRequest Set(const std::map<std::string, double>& values) {
  v1::AdjustTrialRequest request;
  *request.mutable_set() = Values(values);
  return request;
}
v1::AdjustTrialRequest Do(v1::AdjustTrialRequest::Action action) {
  v1::AdjustTrialRequest request;
  request.set_action(action);
  return request;
}
v1::AdjustTrialRequest BackTo(uint32_t epoch, const std::map<std::string, double>& values = {}) {
  v1::AdjustTrialRequest request = Set(values);
  request.set_rollback_to_epoch(epoch);
  return request;
}
double Rate(const Struct& values) { return values.fields().at("learning_rate").number_value(); }

class AdjustTrialTest : public ::testing::Test {
 protected:
  // One trial of 10 epochs whose learning rate is kFirstRate.
  static v1::JobSpec Spec(int trials = 1) {
    v1::JobSpec spec = EngineHarness::Spec(trials, 10);
    *spec.add_enqueue() = Values({{"learning_rate", kFirstRate}});
    return spec;
  }
  void Start(const v1::JobSpec& spec = Spec()) {
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w");
    assign_ = harness_.TakeAssign(session_);
  }
  // Epochs after those that the attempt has; each is 0.01 times its number.
  Effects Train(uint32_t epochs) {
    std::vector<double> values;
    const uint32_t first = trained_ + 1;
    for (uint32_t i = 0; i < epochs; ++i) values.push_back(0.01 * ++trained_);
    return harness_.Measure(session_, assign_.id(), ++sequence_, first, values);
  }
  Effects Save(absl::string_view digest) {
    return harness_.Checkpoint(session_, assign_.id(), trained_, digest);
  }
  Effects Back() { return harness_.HandBack(session_, assign_.id(), sequence_); }
  // The next attempt, on whatever session.
  void Take(SessionId session) {
    session_ = session;
    assign_ = harness_.TakeAssign(session);
    trained_ = assign_.from_epoch();
    sequence_ = 0;
  }
  void SaveAndTakeAgain(absl::string_view digest) {
    Save(digest);
    Back();
    Take(session_);
  }
  void SaveAndHold(absl::string_view digest) {
    Save(digest);
    Back();
    EXPECT_EQ(Trial().state(), v1::Trial::PAUSED);
  }
  // The worker dies; another one goes on.
  void LoseTo(const std::string& worker) {
    harness_.Step(SessionClosed{session_});
    harness_.Tick(absl::Seconds(21));
    Take(harness_.Connect(worker));
  }
  absl::StatusOr<v1::Trial> Adjust(const v1::AdjustTrialRequest& request) {
    return harness_.Adjust(job_, request);
  }
  v1::Trial MustAdjust(const v1::AdjustTrialRequest& request) {
    const absl::StatusOr<v1::Trial> trial = Adjust(request);
    EXPECT_TRUE(trial.ok()) << trial.status();
    return trial.ok() ? *trial : v1::Trial();
  }
  v1::Trial Trial() { return harness_.TrialOf(job_, 1); }
  std::string Refusal(const v1::AdjustTrialRequest& request) {
    return std::string(Adjust(request).status().message());
  }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  v1::Assign assign_;
  uint32_t trained_ = 0;
  uint32_t sequence_ = 0;
};

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

TEST_F(AdjustTrialTest, ARollbackGoesOnFromTheNewestCheckpointBeforeIt) {
  Start();
  Train(3);
  Save("c3");
  Train(3);
  EXPECT_EQ(Trial().value(), 0.01 * 6);
  const v1::Trial trial = MustAdjust(BackTo(5, {{"learning_rate", 0.01}}));
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::CANCELLED);
  EXPECT_EQ(trial.epochs(), 3u) << "epochs 4 and 5 are trained again";
  EXPECT_EQ(trial.value(), 0.01 * 3);
  EXPECT_EQ(trial.best_epoch(), 3u);
  EXPECT_EQ(trial.adjustments(0).after_epoch(), 5u);
  EXPECT_EQ(trial.adjustments(0).rolled_back_from(), 6u);
  EXPECT_EQ(harness_.JobOf(job_).epochs_done(), 3u);
  EXPECT_EQ(harness_.disk().curves[(std::pair{job_, 1u})].size(), 3u);
  // The old attempt is nobody's: its slot is free once it says so.
  const Effects late = Train(1);
  EXPECT_EQ(EngineHarness::AckOf(late, session_), std::nullopt);
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  EXPECT_TRUE(EngineHarness::IsFinishAcked(
      harness_.Finish(session_, assign_.id(), 9, v1::AttemptFinished::STOPPED), session_));
  Take(session_);
  EXPECT_EQ(assign_.from_epoch(), 3u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), kFirstRate);
  ASSERT_EQ(assign_.changes_size(), 1);
  EXPECT_EQ(assign_.changes(0).after_epoch(), 5u);
  EXPECT_EQ(Rate(assign_.changes(0).set()), 0.01);
}

TEST_F(AdjustTrialTest, GoingBackBeforeAChangeCostsNothing) {
  Start();
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  SaveAndTakeAgain("c2");
  Train(4);
  const Effects saved = Save("c6");
  EXPECT_TRUE(EngineHarness::Released(saved).empty()) << "c2 is kept";
  const v1::Trial trial = MustAdjust(BackTo(2, {{"learning_rate", 0.02}}));
  EXPECT_THAT(EngineHarness::Released(harness_.last()), ElementsAre(Digest("c6")));
  EXPECT_EQ(trial.epochs(), 2u);
  EXPECT_EQ(trial.adjustments_size(), 2);
  EXPECT_EQ(Rate(trial.adjustments(1).replaced()), kFirstRate) << "the change itself is undone";
  Take(harness_.Connect("v"));
  EXPECT_EQ(assign_.checkpoint_digest(), Digest("c2"));
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.02);
}

TEST_F(AdjustTrialTest, ARollbackTakesLaterChangesOutOfForce) {
  Start();
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  SaveAndTakeAgain("c2");
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.001}}));
  SaveAndTakeAgain("c4");
  Train(1);
  MustAdjust(BackTo(3));
  Take(harness_.Connect("v"));
  EXPECT_EQ(assign_.from_epoch(), 2u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.01);
  EXPECT_EQ(assign_.changes_size(), 0) << "that after epoch 4 is undone";
  EXPECT_EQ(Trial().adjustments_size(), 3) << "and on record";
}

TEST_F(AdjustTrialTest, GoingBackToWhereAChangeWasMadeUndoesIt) {
  Start();
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  SaveAndTakeAgain("c2");
  Train(2);
  MustAdjust(BackTo(2, {{"learning_rate", kFirstRate}}));
  EXPECT_TRUE(Trial().adjustments(1).set().fields().empty()) << "it is so again";
  MustAdjust(BackTo(2, {{"learning_rate", kFirstRate}}));
  EXPECT_EQ(Trial().adjustments_size(), 2);
  Take(harness_.Connect("v"));
  EXPECT_EQ(assign_.from_epoch(), 2u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), kFirstRate);
}

TEST_F(AdjustTrialTest, ARollbackToZeroStartsAnew) {
  Start();
  Train(3);
  Save("c3");
  const v1::Trial trial = MustAdjust(BackTo(0, {{"learning_rate", 0.5}}));
  EXPECT_EQ(trial.epochs(), 0u);
  EXPECT_FALSE(trial.has_value());
  EXPECT_FALSE(harness_.JobOf(job_).has_best_trial());
  EXPECT_THAT(EngineHarness::Released(harness_.last()), ElementsAre(Digest("c3")));
  Take(harness_.Connect("v"));
  EXPECT_EQ(assign_.from_epoch(), 0u);
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.5);
  Train(10);
  harness_.Finish(session_, assign_.id(), sequence_);
  EXPECT_EQ(harness_.JobOf(job_).epochs_done(), 10u);
}

TEST_F(AdjustTrialTest, ARepeatedRollbackIsTheSameOne) {
  Start();
  Train(3);
  Save("c3");
  Train(2);
  MustAdjust(BackTo(4, {{"learning_rate", 0.5}}));
  const v1::Trial again = MustAdjust(BackTo(4, {{"learning_rate", 0.5}}));
  EXPECT_EQ(again.adjustments_size(), 1);
  EXPECT_TRUE(harness_.last().writes.empty());
  EXPECT_THAT(Refusal(BackTo(5)), HasSubstr("has come to epoch 3, not to 5"));
}

// What is asked for while epochs are trained again takes effect after them.
TEST_F(AdjustTrialTest, AChangeOnTheWayBackUpWaitsForTheEpochThatWasRolledBackTo) {
  Start();
  Train(3);
  Save("c3");
  Train(4);
  MustAdjust(BackTo(6, {{"learning_rate", 0.5}}));
  Take(harness_.Connect("v"));
  Train(1);
  MustAdjust(Set({{"learning_rate", 0.125}}));
  SaveAndTakeAgain("c4");
  EXPECT_EQ(Rate(assign_.hyperparameters()), kFirstRate);
  ASSERT_EQ(assign_.changes_size(), 2);
  EXPECT_EQ(assign_.changes(1).after_epoch(), 6u);
  EXPECT_EQ(Rate(assign_.changes(1).set()), 0.125);
  EXPECT_EQ(Rate(Trial().adjustments(1).replaced()), 0.5);
}

TEST_F(AdjustTrialTest, ARollbackSurvivesARestartWithItsCheckpoints) {
  Start();
  Train(2);
  MustAdjust(Set({{"learning_rate", 0.01}}));
  SaveAndTakeAgain("c2");
  Train(2);
  Save("c4");
  harness_.Restart();
  EXPECT_THAT(ReferencedArtifacts(harness_.state()),
              ::testing::IsSupersetOf({Digest("c2"), Digest("c4")}));
  EXPECT_EQ(MustAdjust(BackTo(3)).epochs(), 2u);
  harness_.Restart();
  Take(harness_.Connect("v"));
  EXPECT_EQ(assign_.checkpoint_digest(), Digest("c2"));
  EXPECT_EQ(Rate(assign_.hyperparameters()), 0.01);
}

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

TEST_F(AdjustTrialTest, ARollbackOfAHeldTrialLeavesItHeld) {
  Start();
  Train(3);
  MustAdjust(Do(v1::AdjustTrialRequest::PAUSE));
  Save("c3");
  Back();
  const v1::Trial trial = MustAdjust(BackTo(1));
  EXPECT_EQ(trial.state(), v1::Trial::PAUSED);
  EXPECT_EQ(trial.epochs(), 0u);
  v1::AdjustTrialRequest request = Set({{"learning_rate", 0.5}});
  request.set_action(v1::AdjustTrialRequest::RESUME);
  MustAdjust(request);
  Take(session_);
  EXPECT_EQ(assign_.changes(0).after_epoch(), 1u);
}

TEST_F(AdjustTrialTest, RefusesWhatCannotBeWithAllReasons) {
  Start();
  Train(2);
  EXPECT_EQ(Refusal(v1::AdjustTrialRequest()),
            "nothing is asked for: give set, action or rollback_to_epoch");
  EXPECT_THAT(Refusal(Set({{"learning_rte", 1}, {"batch_size", 32}, {"dropout", 1}})),
              ::testing::AllOf(HasSubstr("did you mean learning_rate?"),
                               HasSubstr("batch_size: cannot change while a trial trains"),
                               HasSubstr("dropout: must be a number in [0, 1)")));
  EXPECT_EQ(Adjust(BackTo(3)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(harness_.Adjust(job_, Set({{"dropout", 0.1}}), 7).status().code(),
            absl::StatusCode::kNotFound);
  Train(8);
  EXPECT_THAT(Refusal(Set({{"dropout", 0.1}})), HasSubstr("has trained all of its 10 epochs"));
  harness_.Finish(session_, assign_.id(), sequence_);
  const absl::Status ended = Adjust(Set({{"dropout", 0.1}})).status();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("has ended (COMPLETED)"));
}

TEST_F(AdjustTrialTest, SchedulersThatCompareTrialsForbidIt) {
  v1::JobSpec asha = Spec(4);
  asha.mutable_scheduler()->mutable_asha();
  Start(asha);
  EXPECT_EQ(Adjust(Set({{"dropout", 0.1}})).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Refusal(Do(v1::AdjustTrialRequest::PAUSE)), HasSubstr("its scheduler (asha)"));
  harness_.AskAbout<v1::CancelJobRequest>(job_).IgnoreError();
  harness_.Finish(session_, assign_.id(), 0, v1::AttemptFinished::STOPPED);

  v1::JobSpec median = Spec(4);
  median.mutable_scheduler()->mutable_median();
  job_ = harness_.MustSubmit(median);
  Take(session_);
  Train(2);
  EXPECT_THAT(Refusal(BackTo(1)), HasSubstr("scheduler median, which has judged"));
  EXPECT_TRUE(Adjust(Set({{"dropout", 0.1}})).ok());
}

}  // namespace
}  // namespace caviar::engine
