#include "coordinator/engine/roll_back.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/adjusted_trial.h"

namespace caviar::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RollBackTest : public AdjustTrialTest {};

TEST_F(RollBackTest, ARollbackGoesOnFromTheNewestCheckpointBeforeIt) {
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

TEST_F(RollBackTest, GoingBackBeforeAChangeCostsNothing) {
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

TEST_F(RollBackTest, ARollbackTakesLaterChangesOutOfForce) {
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

TEST_F(RollBackTest, GoingBackToWhereAChangeWasMadeUndoesIt) {
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

TEST_F(RollBackTest, ARollbackToZeroStartsAnew) {
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

TEST_F(RollBackTest, ARepeatedRollbackIsTheSameOne) {
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

TEST_F(RollBackTest, AChangeOnTheWayBackUpWaitsForTheEpochThatWasRolledBackTo) {
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

TEST_F(RollBackTest, ARollbackSurvivesARestartWithItsCheckpoints) {
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

TEST_F(RollBackTest, ARollbackOfAHeldTrialLeavesItHeld) {
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

TEST_F(RollBackTest, RefusesWhatCannotBeWithAllReasons) {
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

TEST_F(RollBackTest, SchedulersThatCompareTrialsForbidIt) {
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
