#include "worker/runtime/epoch_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>

#include "common/time/clock.h"
#include "tests/worker/runtime/fake_trainer.h"
#include "tests/worker/runtime/temporary_directory.h"

namespace caviar::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using End = AttemptResult::End;

class EpochRunnerTest : public ::testing::Test {
 protected:
  EpochRunnerTest() : artifacts_(directory_.path()) {
    assign_.mutable_id()->set_job(1);
    assign_.set_dataset_digest(artifacts_.Add("rows"));
    assign_.set_until_epoch(4);
    assign_.set_epochs(4);
  }

  AttemptResult Run(AttemptControl& control) {
    EpochRunner runner(artifacts_, trainers_, clock_, {checkpoint_interval_});
    return runner.Run(assign_, control, observer_);
  }
  AttemptResult Run() {
    AttemptControl control(assign_.until_epoch(), !assign_.checkpoint_digest().empty());
    return Run(control);
  }

  TemporaryDirectory directory_;
  FakeArtifactSource artifacts_;
  FakeTrainerFactory trainers_;
  FakeClock clock_{absl::FromUnixSeconds(1000)};
  RecordingObserver observer_;
  v1::Assign assign_;
  absl::Duration checkpoint_interval_ = absl::Seconds(30);
};

TEST_F(EpochRunnerTest, TrainsAllEpochsAndExportsTheModel) {
  const AttemptResult result = Run();
  EXPECT_EQ(result.end, End::kCompleted);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2, 3, 4));
  ASSERT_TRUE(result.model.has_value());
  EXPECT_EQ(*result.model->bytes, "model of epoch 4");
  EXPECT_EQ(result.model->digest, Sha256Hex("model of epoch 4"));
  EXPECT_EQ(result.final_metrics.at("test_loss"), 0.5);
  EXPECT_THAT(observer_.trained_after(), ElementsAre(Pair(4, 0)));
}

TEST_F(EpochRunnerTest, WaitsAtTheGrantsEndForMore) {
  AttemptControl control(2, false);
  // The grant comes when epoch 2 is told; without waiting, epoch 3 would have been trained before.
  observer_.on_epoch = [&control](uint32_t epoch) {
    if (epoch == 2) control.SetEpochLimit(4);
  };
  EXPECT_EQ(Run(control).end, End::kCompleted);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2, 3, 4));
}

TEST_F(EpochRunnerTest, NeverTrainsPastTheGrant) {
  AttemptControl control(2, false);
  observer_.on_epoch = [&control](uint32_t epoch) {
    if (epoch == 2) control.Stop(StopMode::kCheckpoint);
  };
  EXPECT_EQ(Run(control).end, End::kSuspended);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2));
  EXPECT_THAT(observer_.checkpoints(), ElementsAre(2)) << "a pause has its checkpoint";
  EXPECT_THAT(observer_.trained_after(), ElementsAre(Pair(2, 0))) << "before that is made";
}

TEST_F(EpochRunnerTest, EndsTheRunningEpochBeforeItSuspends) {
  AttemptControl control(4, false);
  trainers_.script = [&control](uint32_t epoch, std::stop_token stop) {
    if (epoch == 2) control.Stop(StopMode::kCheckpoint);
    return stop.stop_requested() ? absl::CancelledError("cut") : absl::OkStatus();
  };
  EXPECT_EQ(Run(control).end, End::kSuspended);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2));
  EXPECT_THAT(observer_.checkpoints(), ElementsAre(2));
}

TEST_F(EpochRunnerTest, SavesWhereTheLastEpochEndedWhenThereIsNoTimeForThisOne) {
  AttemptControl control(4, false);
  trainers_.script = [&control](uint32_t epoch, std::stop_token stop) {
    if (epoch == 3) control.Stop(StopMode::kCheckpointNow);
    return stop.stop_requested() ? absl::CancelledError("cut") : absl::OkStatus();
  };
  EXPECT_EQ(Run(control).end, End::kSuspended);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2));
  EXPECT_THAT(observer_.checkpoints(), ElementsAre(2));
}

TEST_F(EpochRunnerTest, CutsTheRunningEpochWhenPrunedAndKeepsTheBestModel) {
  AttemptControl control(4, false);
  trainers_.script = [&control](uint32_t epoch, std::stop_token stop) {
    if (epoch == 3) control.Stop(StopMode::kKeepModel);
    return stop.stop_requested() ? absl::CancelledError("cut") : absl::OkStatus();
  };
  const AttemptResult result = Run(control);
  EXPECT_EQ(result.end, End::kStopped);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2));
  EXPECT_EQ(*result.model->bytes, "model of epoch 2");
}

TEST_F(EpochRunnerTest, KeepsNothingWhenDropped) {
  AttemptControl control(4, false);
  trainers_.script = [&control](uint32_t epoch, std::stop_token stop) {
    if (epoch == 3) control.Stop(StopMode::kDrop);
    return stop.stop_requested() ? absl::CancelledError("cut") : absl::OkStatus();
  };
  const AttemptResult result = Run(control);
  EXPECT_EQ(result.end, End::kDropped);
  EXPECT_FALSE(result.model.has_value());
  EXPECT_THAT(observer_.checkpoints(), IsEmpty());
}

TEST_F(EpochRunnerTest, ResumesFromACheckpoint) {
  assign_.set_checkpoint_digest(artifacts_.Add("3"));
  assign_.set_from_epoch(3);
  EXPECT_EQ(Run().end, End::kCompleted);
  EXPECT_THAT(observer_.epochs(), ElementsAre(4));
}

TEST_F(EpochRunnerTest, TurnsACheckpointIntoAModelWhenPrunedBeforeItsFirstEpoch) {
  assign_.set_checkpoint_digest(artifacts_.Add("3"));
  assign_.set_from_epoch(3);
  AttemptControl control(4, true);
  control.Stop(StopMode::kKeepModel);
  const AttemptResult result = Run(control);
  EXPECT_EQ(result.end, End::kStopped);
  EXPECT_EQ(*result.model->bytes, "model of epoch 3");
  EXPECT_THAT(observer_.epochs(), IsEmpty());
}

TEST_F(EpochRunnerTest, RefusesACheckpointOfAnotherEpoch) {
  assign_.set_checkpoint_digest(artifacts_.Add("2"));
  assign_.set_from_epoch(3);
  const AttemptResult result = Run();
  EXPECT_EQ(result.end, End::kCannotHere);
  EXPECT_THAT(result.reason, HasSubstr("holds 2 epochs, but 3 were expected"));
}

TEST_F(EpochRunnerTest, MakesCheckpointsNoMoreOftenThanTheInterval) {
  assign_.set_epochs(8);
  assign_.set_until_epoch(8);
  trainers_.script = [this](uint32_t, std::stop_token) {
    clock_.Advance(absl::Seconds(11));
    return absl::OkStatus();
  };
  EXPECT_EQ(Run().end, End::kCompleted);
  EXPECT_THAT(observer_.checkpoints(), ElementsAre(3, 6));
}

TEST_F(EpochRunnerTest, MakesACheckpointEachEpochWhenTheIntervalIsZero) {
  checkpoint_interval_ = absl::ZeroDuration();
  EXPECT_EQ(Run().end, End::kCompleted);
  EXPECT_THAT(observer_.checkpoints(), ElementsAre(1, 2, 3)) << "the end needs none";
}

TEST_F(EpochRunnerTest, CompletesWhenPatienceIsExhausted) {
  trainers_.patience_at = 2;
  EXPECT_EQ(Run().end, End::kCompleted);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2));
}

TEST_F(EpochRunnerTest, CallsADivergedLossInfeasible) {
  trainers_.script = [](uint32_t epoch, std::stop_token) {
    return epoch == 2 ? absl::OutOfRangeError("loss is NaN in epoch 2, step 7") : absl::OkStatus();
  };
  const AttemptResult result = Run();
  EXPECT_EQ(result.end, End::kInfeasible);
  EXPECT_EQ(result.reason, "loss is NaN in epoch 2, step 7");
  EXPECT_FALSE(result.model.has_value());
}

TEST_F(EpochRunnerTest, CallsAPointThatCannotBeTrainedInfeasible) {
  trainers_.create_status = absl::InvalidArgumentError("batch_size 1 with batch norm");
  EXPECT_EQ(Run().end, End::kInfeasible);
}

// Another worker may have the memory, or the disk, that this one lacks.
TEST_F(EpochRunnerTest, CannotRunHereWhatMemoryDoesNotSufficeFor) {
  trainers_.script = [](uint32_t, std::stop_token) -> absl::Status { throw std::bad_alloc(); };
  const AttemptResult result = Run();
  EXPECT_EQ(result.end, End::kCannotHere);
  EXPECT_THAT(result.reason, HasSubstr("out of memory"));
}

TEST_F(EpochRunnerTest, CannotRunHereWhatItCannotFetch) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kFailedPrecondition, absl::StatusCode::kNotFound,
        absl::StatusCode::kInvalidArgument, absl::StatusCode::kResourceExhausted}) {
    artifacts_.fetch_status = absl::Status(code, "no space left on device");
    const AttemptResult result = Run();
    EXPECT_EQ(result.end, End::kCannotHere) << absl::StatusCodeToString(code);
    EXPECT_EQ(result.reason, "no space left on device");
  }
}

TEST_F(EpochRunnerTest, CannotRunHereWhatTheTrainerCannotRead) {
  trainers_.create_status = absl::DataLossError("cannot map the data set");
  EXPECT_EQ(Run().end, End::kCannotHere);
}

TEST_F(EpochRunnerTest, StopsWaitingForADataSetThatNobodyWantsAnyMore) {
  assign_.set_dataset_digest("0000");
  AttemptControl control(4, false);
  control.Stop(StopMode::kCheckpoint);
  EXPECT_EQ(Run(control).end, End::kSuspended);
  EXPECT_THAT(observer_.checkpoints(), IsEmpty());
}

}  // namespace
}  // namespace caviar::runtime
