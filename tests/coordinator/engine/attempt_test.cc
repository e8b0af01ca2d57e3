// What workers say about attempts: curves, checkpoints, ends, and the fence around them.
#include <gmock/gmock.h>

#include <limits>

#include "coordinator/engine/limits.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::Optional;

class AttemptTest : public ::testing::Test {
 protected:
  // One worker with one slot, running trial 1 of a job of 3 epochs a trial.
  void Start(int trials = 2, int epochs = 3) {
    job_ = harness_.MustSubmit(EngineHarness::Spec(trials, epochs));
    session_ = harness_.Connect("w");
    assign_ = harness_.TakeAssign(session_);
  }
  // Its worker goes silent until the trial is somebody else's.
  v1::Assign LoseTo(const std::string& other) {
    harness_.Step(SessionClosed{session_});
    harness_.Tick(absl::Seconds(21));
    other_session_ = harness_.Connect(other);
    return harness_.TakeAssign(other_session_);
  }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  SessionId other_session_{};
  v1::Assign assign_;
};

TEST_F(AttemptTest, IsHandedOutWithAllItNeeds) {
  v1::JobSpec spec = EngineHarness::Spec(2, 3);
  (*spec.mutable_fixed()->mutable_fields())["batch_size"].set_number_value(32);
  job_ = harness_.MustSubmit(spec);
  session_ = harness_.Connect("w");
  assign_ = harness_.TakeAssign(session_);
  EXPECT_EQ(assign_.id().attempt(), 1u);
  EXPECT_EQ(assign_.until_epoch(), 3u);
  EXPECT_EQ(assign_.epochs(), 3u);
  EXPECT_EQ(assign_.from_epoch(), 0u);
  EXPECT_EQ(assign_.dataset_digest(), Digest("data"));
  EXPECT_EQ(assign_.objective().metric(), "validation_accuracy");
  EXPECT_TRUE(assign_.hyperparameters().fields().contains("learning_rate"));
  EXPECT_TRUE(assign_.hyperparameters().fields().contains("batch_size"));
  // Durable in the same step that sent it.
  EXPECT_EQ(harness_.Durable(job_, 1).attempt(), 1u);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_id(), "w");
}

TEST_F(AttemptTest, AcknowledgesRowsWithTheirCommit) {
  Start();
  const Effects effects = harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.7});
  EXPECT_THAT(EngineHarness::AckOf(effects, session_), Optional(1u));
  EXPECT_EQ((harness_.disk().curves[{job_, 1}].size()), 2u);
  EXPECT_EQ(harness_.Durable(job_, 1).epochs(), 2u);
  EXPECT_EQ(harness_.Durable(job_, 1).value(), 0.7);
  EXPECT_EQ(harness_.Durable(job_, 1).best_epoch(), 2u);
  EXPECT_EQ(harness_.TrialOf(job_, 1).seconds(), 1.0);
}

TEST_F(AttemptTest, ValueIsTheFirstBestEpochAndNeverNaN) {
  Start(2, 5);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  harness_.Measure(session_, assign_.id(), 1, 1, {nan, 0.7, 0.7, infinity, 0.6});
  EXPECT_EQ(harness_.TrialOf(job_, 1).value(), 0.7);
  EXPECT_EQ(harness_.TrialOf(job_, 1).best_epoch(), 2u);
}

TEST_F(AttemptTest, ARepeatedBatchIsAcknowledgedAgainAndWritesNothing) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  const Effects effects = harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  EXPECT_TRUE(effects.writes.empty());
  EXPECT_THAT(EngineHarness::AckOf(effects, session_), Optional(1u));
}

TEST_F(AttemptTest, AGapIsAskedForAgain) {
  Start();
  const Effects effects = harness_.Measure(session_, assign_.id(), 2, 2, {0.5});
  EXPECT_TRUE(effects.writes.empty());
  EXPECT_THAT(EngineHarness::ResendOf(effects, session_), Optional(1u));
}

TEST_F(AttemptTest, RowsThatDoNotContinueTheCurveLoseTheAttempt) {
  Start();
  const Effects effects = harness_.Measure(session_, assign_.id(), 1, 2, {0.5});
  EXPECT_EQ(EngineHarness::StopOf(effects, session_), v1::Stop::LOST);
  EXPECT_TRUE((harness_.disk().curves[{job_, 1}].empty()));
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 1u);
}

TEST_F(AttemptTest, RowsPastTheGrantLoseTheAttempt) {
  Start(2, 1);
  const Effects effects = harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.6});
  EXPECT_EQ(EngineHarness::StopOf(effects, session_), v1::Stop::LOST);
}

TEST_F(AttemptTest, ABrokenWorkerCannotHoldATrialForEver) {
  Start(1);
  v1::Assign assign = assign_;
  for (uint32_t i = 1; i <= kWorkerDeathsMax; ++i) {
    EXPECT_EQ(assign.id().attempt(), i);
    harness_.Measure(session_, assign.id(), 1, 9, {0.5});
    const auto assigns = harness_.TakeAssigns(session_);
    if (!assigns.empty()) assign = assigns.front();
  }
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::FAILED);
  EXPECT_EQ(harness_.JobOf(job_).state(), v1::Job::FAILED);
}

TEST_F(AttemptTest, FinishCountsOnceItsMeasurementsAreThere) {
  Start();
  const Effects early = harness_.Finish(session_, assign_.id(), 1);
  EXPECT_THAT(EngineHarness::ResendOf(early, session_), Optional(1u));
  EXPECT_FALSE(EngineHarness::IsFinishAcked(early, session_));
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.6, 0.7});
  const Effects effects =
      harness_.Finish(session_, assign_.id(), 1, v1::AttemptFinished::COMPLETED, "m");
  EXPECT_TRUE(EngineHarness::IsFinishAcked(effects, session_));
  const v1::Trial trial = harness_.TrialOf(job_, 1);
  EXPECT_EQ(trial.state(), v1::Trial::COMPLETED);
  EXPECT_EQ(trial.metrics().at("test_accuracy"), 0.5);
  EXPECT_EQ(trial.metrics().at("validation_accuracy"), 0.7);
  EXPECT_EQ(harness_.Durable(job_, 1).model_digest(), Digest("m"));
}

TEST_F(AttemptTest, ARepeatedFinishGetsItsAnswerAgainAndChangesNothing) {
  Start();
  harness_.Complete(session_, assign_, 0.5);
  const Effects again = harness_.Finish(session_, assign_.id(), 1);
  EXPECT_TRUE(EngineHarness::IsFinishAcked(again, session_));
  EXPECT_TRUE(again.writes.empty());
}

TEST_F(AttemptTest, FinalMetricsCannotRewriteMeasuredOnes) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  v1::WorkerMessage message;
  *message.mutable_finished()->mutable_id() = assign_.id();
  message.mutable_finished()->set_outcome(v1::AttemptFinished::COMPLETED);
  message.mutable_finished()->set_final_sequence(1);
  (*message.mutable_finished()->mutable_final_metrics())["validation_accuracy"] = 1.0;
  harness_.Say(session_, message);
  EXPECT_EQ(harness_.TrialOf(job_, 1).metrics().at("validation_accuracy"), 0.5);
}

TEST_F(AttemptTest, OfTooManyFinalMetricsTheFirstByNameAreKept) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  v1::WorkerMessage message;
  *message.mutable_finished()->mutable_id() = assign_.id();
  message.mutable_finished()->set_outcome(v1::AttemptFinished::COMPLETED);
  message.mutable_finished()->set_final_sequence(1);
  const auto name = [](int i) { return absl::StrCat("test_", 1000 + i); };
  for (int i = 0; i < 3 * kBatchMetricsMax; ++i) {
    (*message.mutable_finished()->mutable_final_metrics())[name(i)] = i;
  }
  harness_.Say(session_, message);
  const v1::TrialRecord record = harness_.Durable(job_, 1);
  for (int i = 0; i < 3 * kBatchMetricsMax; ++i) {
    EXPECT_EQ(record.metrics().contains(name(i)), i < kBatchMetricsMax) << i;
  }
}

TEST_F(AttemptTest, AnInfeasibleTrialKeepsItsReasonAndIsNotRanked) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.9});
  harness_.Finish(session_, assign_.id(), 1, v1::AttemptFinished::INFEASIBLE, "",
                  "the loss became NaN at step 17");
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::INFEASIBLE);
  EXPECT_EQ(harness_.TrialOf(job_, 1).reason(), "the loss became NaN at step 17");
  EXPECT_FALSE(harness_.JobOf(job_).has_best_trial());
}

// The harness reads back every record that is written.
TEST_F(AttemptTest, ALongReasonIsCutBetweenCharacters) {
  Start();
  const std::string text(kReasonBytesMax - 1, 'x');
  harness_.Finish(session_, assign_.id(), 0, v1::AttemptFinished::FAILED, "", text + "é");
  EXPECT_EQ(harness_.TrialOf(job_, 1).reason(), text);
}

TEST_F(AttemptTest, AnOlderAttemptChangesNothingAndHearsThatItIsLost) {
  Start(1);
  const v1::Assign second = LoseTo("other");
  EXPECT_EQ(second.id().attempt(), 2u);
  const SessionId zombie = harness_.Connect("w", 1, 1, {EngineHarness::Running(assign_.id())});
  for (const Effects& effects :
       {harness_.Measure(zombie, assign_.id(), 1, 1, {0.9}),
        harness_.Checkpoint(zombie, assign_.id(), 1, "c"), harness_.Finish(zombie, assign_.id(), 0),
        harness_.HandBack(zombie, assign_.id(), 0)}) {
    EXPECT_TRUE(effects.writes.empty());
    EXPECT_EQ(EngineHarness::StopOf(effects, zombie), v1::Stop::LOST);
  }
}

TEST_F(AttemptTest, AnotherWorkersSessionCannotWriteForIt) {
  Start();
  const SessionId liar = harness_.Connect("liar", 1);
  harness_.TakeAssigns(liar);
  const Effects effects = harness_.Measure(liar, assign_.id(), 1, 1, {0.9});
  EXPECT_TRUE(effects.writes.empty());
  EXPECT_EQ(EngineHarness::StopOf(effects, liar), v1::Stop::LOST);
}

TEST_F(AttemptTest, MessagesOfNoAttemptAtAllAreRefused) {
  Start();
  v1::AttemptId id;
  id.set_job(99);
  id.set_trial(1);
  id.set_attempt(1);
  EXPECT_EQ(EngineHarness::StopOf(harness_.Measure(session_, id, 1, 1, {1}), session_),
            v1::Stop::LOST);
  id.set_job(job_);
  id.set_trial(12345);
  EXPECT_EQ(EngineHarness::StopOf(harness_.Finish(session_, id, 0), session_), v1::Stop::LOST);
}

TEST_F(AttemptTest, ACheckpointIsUsableOnceTheCurveReachesIt) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  harness_.Checkpoint(session_, assign_.id(), 2, "c2");
  EXPECT_EQ(harness_.Durable(job_, 1).checkpoint_epoch(), 0u);
  EXPECT_EQ(harness_.Durable(job_, 1).pending_checkpoint_epoch(), 2u);
  harness_.Measure(session_, assign_.id(), 2, 2, {0.6});
  EXPECT_EQ(harness_.Durable(job_, 1).checkpoint_epoch(), 2u);
  EXPECT_EQ(harness_.Durable(job_, 1).checkpoint_digest(), Digest("c2"));
  EXPECT_EQ(harness_.Durable(job_, 1).pending_checkpoint_epoch(), 0u);
}

TEST_F(AttemptTest, ANewerCheckpointReleasesTheOlderOne) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.6});
  harness_.Checkpoint(session_, assign_.id(), 1, "c1");
  const Effects effects = harness_.Checkpoint(session_, assign_.id(), 2, "c2");
  EXPECT_EQ(EngineHarness::Released(effects), std::vector{Digest("c1")});
  // The older one, repeated on a new session, changes nothing.
  EXPECT_TRUE(harness_.Checkpoint(session_, assign_.id(), 1, "c1").writes.empty());
}

TEST_F(AttemptTest, AnEndReleasesTheCheckpoints) {
  Start();
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.6, 0.7});
  harness_.Checkpoint(session_, assign_.id(), 2, "c2");
  const Effects effects = harness_.Finish(session_, assign_.id(), 1);
  EXPECT_EQ(EngineHarness::Released(effects), std::vector{Digest("c2")});
  EXPECT_TRUE(harness_.Durable(job_, 1).checkpoint_digest().empty());
}

TEST_F(AttemptTest, ALostTrialResumesFromItsCheckpointAndCountsRepeatedEpochs) {
  Start(1, 4);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.6, 0.7});
  harness_.Checkpoint(session_, assign_.id(), 1, "c1");
  const v1::Assign second = LoseTo("other");
  EXPECT_EQ(second.from_epoch(), 1u);
  EXPECT_EQ(second.checkpoint_digest(), Digest("c1"));
  EXPECT_EQ(harness_.TrialOf(job_, 1).epochs(), 3u) << "the curve is not cut";
  harness_.Measure(other_session_, second.id(), 1, 2, {0.6, 0.7, 0.8});
  harness_.Finish(other_session_, second.id(), 1);
  const v1::Job job = harness_.JobOf(job_);
  EXPECT_EQ(job.epochs_done(), 4u);
  EXPECT_EQ(job.epochs_repeated(), 2u);
  EXPECT_EQ(job.state(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.TrialOf(job_, 1).value(), 0.8);
  EXPECT_EQ((harness_.disk().curves[{job_, 1}].size()), 4u);
}

// The retry ran where floating point differs: what counts in the end is its own curve.
TEST_F(AttemptTest, ARetryThatMeasuresOtherwiseReplacesTheValueOnceItHasCaughtUp) {
  Start(1, 4);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.9, 0.7});
  harness_.Checkpoint(session_, assign_.id(), 1, "c1");
  const v1::Assign second = LoseTo("other");
  harness_.Measure(other_session_, second.id(), 1, 2, {0.8});
  EXPECT_EQ(harness_.TrialOf(job_, 1).value(), 0.9) << "shown until the retry is as far";
  harness_.Restart();
  other_session_ = harness_.Connect("other", 1, 1, {EngineHarness::Running(second.id(), 1)});
  harness_.Measure(other_session_, second.id(), 2, 3, {0.85, 0.7});
  EXPECT_EQ(harness_.TrialOf(job_, 1).value(), 0.85);
  EXPECT_EQ(harness_.TrialOf(job_, 1).best_epoch(), 3u);
}

// The retry ran out of patience where floating point differs, before it had caught up.
TEST_F(AttemptTest, ARetryThatCompletesBehindTheCurveCutsIt) {
  Start(1, 12);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.1, 0.2, 0.3, 0.4, 0.9});
  const v1::Assign second = LoseTo("other");
  harness_.Measure(other_session_, second.id(), 1, 1, {0.1, 0.2, 0.1});
  EXPECT_EQ((harness_.disk().curves[{job_, 1}].size()), 5u) << "shown until the retry ends";
  harness_.Finish(other_session_, second.id(), 1);
  EXPECT_EQ(harness_.TrialOf(job_, 1).epochs(), 3u);
  EXPECT_EQ(harness_.TrialOf(job_, 1).value(), 0.2);
  EXPECT_EQ((harness_.disk().curves[{job_, 1}].size()), 3u);
}

TEST_F(AttemptTest, HandingBackIsAnsweredAndResumesElsewhere) {
  Start(1);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5, 0.6});
  harness_.Checkpoint(session_, assign_.id(), 2, "c2");
  harness_.Drain(session_);
  const Effects effects = harness_.HandBack(session_, assign_.id(), 1);
  EXPECT_TRUE(EngineHarness::IsFinishAcked(effects, session_));
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty()) << "a draining worker takes nothing";
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::PENDING);
  EXPECT_TRUE(EngineHarness::IsFinishAcked(harness_.HandBack(session_, assign_.id(), 1), session_));
  const SessionId other = harness_.Connect("other");
  const v1::Assign second = harness_.TakeAssign(other);
  EXPECT_EQ(second.from_epoch(), 2u);
  EXPECT_EQ(harness_.Durable(job_, 1).worker_deaths(), 0u);
}

TEST_F(AttemptTest, ARefusedAssignIsNotRepeatedAtOnceToTheSameWorker) {
  Start(1);
  harness_.HandBack(session_, assign_.id(), 0);
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty());
  harness_.Tick(kRefusalPause);
  EXPECT_EQ(harness_.TakeAssign(session_).id().attempt(), 2u);
}

TEST_F(AttemptTest, ModelsOfTheBestAreKeptAndOthersReleased) {
  const int trials = static_cast<int>(kModelsKept) + 1;
  job_ = harness_.MustSubmit(EngineHarness::Spec(trials, 1));
  session_ = harness_.Connect("w");
  for (int i = 1; i <= trials; ++i) {
    harness_.Complete(session_, harness_.TakeAssign(session_), 1.0 - 0.001 * i);
  }
  EXPECT_TRUE(harness_.Durable(job_, trials).model_digest().empty());
  EXPECT_FALSE(harness_.Durable(job_, 1).model_digest().empty());
  EXPECT_EQ(ReferencedArtifacts(harness_.state()).size(), kModelsKept + 1);  // and the data set
}

TEST_F(AttemptTest, TwoTrialsMayShareAModel) {
  Start(2, 1);
  harness_.Measure(session_, assign_.id(), 1, 1, {0.5});
  harness_.Finish(session_, assign_.id(), 1, v1::AttemptFinished::COMPLETED, "same");
  const v1::Assign second = harness_.TakeAssign(session_);
  harness_.Measure(session_, second.id(), 1, 1, {0.5});
  harness_.Finish(session_, second.id(), 1, v1::AttemptFinished::COMPLETED, "same");
  const uint32_t other = harness_.MustSubmit(EngineHarness::Spec(1, 1));
  const v1::Assign third = harness_.TakeAssign(session_);
  harness_.Measure(session_, third.id(), 1, 1, {0.5});
  harness_.Finish(session_, third.id(), 1, v1::AttemptFinished::COMPLETED, "same");
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(job_).ok());
  EXPECT_TRUE(EngineHarness::Released(harness_.last()).empty());
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(other).ok());
  EXPECT_EQ(EngineHarness::Released(harness_.last()), std::vector{Digest("same")});
}

}  // namespace
}  // namespace caviar::engine
