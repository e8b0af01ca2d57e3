// How the session core ends attempts: stops, uploads, the drain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/worker/session/core_harness.h"
#include "worker/session/session_core.h"

namespace caviar::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using End = runtime::AttemptResult::End;
using State = SessionCore::State;

// ---- Stop ----

TEST(SessionCoreEndTest, DropsACancelledAttemptAndSaysStoppedWithoutModel) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.Measure(Key(1), 1);
  harness.Measure(Key(1), 2);
  harness.ReceiveStop(Key(1), v1::Stop::CANCELLED);
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kDrop);
  // It had completed before it heard.
  harness.End(Key(1), End::kCompleted, MakeArtifact("model"));
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::STOPPED);
  EXPECT_EQ(harness.Finished().model_digest(), "");
  EXPECT_EQ(harness.Finished().final_sequence(), 1u) << "row 2 was in no batch yet";
  EXPECT_THAT(harness.All<UploadArtifact>(), IsEmpty());
}

TEST(SessionCoreEndTest, KeepsTheModelOfAPrunedAttempt) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.ReceiveStop(Key(1), v1::Stop::PRUNED);
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kKeepModel);
  const runtime::Artifact model = MakeArtifact("model");
  harness.End(Key(1), End::kStopped, model);
  harness.Step(ArtifactUploaded{Key(1), model.digest});
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::STOPPED);
  EXPECT_EQ(harness.Finished().model_digest(), model.digest);
}

TEST(SessionCoreEndTest, PausesByCheckpointThenHandBack) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 1);
  harness.Measure(Key(1), 1);
  harness.ReceiveStop(Key(1), v1::Stop::PAUSED);
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kCheckpoint);
  const runtime::Artifact checkpoint = MakeArtifact("weights");
  harness.Step(CheckpointMade{Key(1), 1, checkpoint});
  EXPECT_THAT(harness.All<UploadArtifact>(), SizeIs(1));
  harness.End(Key(1), End::kSuspended);
  EXPECT_FALSE(harness.HasHandedBack()) << "the checkpoint is not there yet";
  harness.Step(ArtifactUploaded{Key(1), checkpoint.digest});
  const auto saved = harness.Sent(v1::WorkerMessage::kCheckpointSaved);
  ASSERT_THAT(saved, SizeIs(1));
  EXPECT_EQ(saved[0].checkpoint_saved().epoch(), 1u);
  EXPECT_TRUE(harness.HasHandedBack());
}

TEST(SessionCoreEndTest, AppliesAStopThatRegisteredCarries) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  v1::DesiredAttempt desired = CoreHarness::Desired(Key(1), v1::DesiredAttempt::STOP, 0, 5);
  desired.set_reason(v1::Stop::PAUSED);
  harness.LoseLinkAndReconnect({desired});
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kCheckpoint);
}

// ---- A slot before the end ----

TEST(SessionCoreEndTest, SaysThatAllIsTrainedAfterTheMeasurementsAndAgainOnTheNextLink) {
  CoreHarness harness(1);
  harness.Connect();
  harness.ReceiveAssign(Key(1), 9, 9);
  harness.Measure(Key(1), 1);
  harness.Measure(Key(1), 2);
  harness.Step(TrainingDone{Key(1)});
  EXPECT_THAT(harness.SentSequences(), ElementsAre(2)) << "epoch 2, which waited for others";
  ASSERT_THAT(harness.Sent(v1::WorkerMessage::kTrained), SizeIs(1));
  EXPECT_EQ(harness.Sent(v1::WorkerMessage::kTrained)[0].trained().id().trial(), 1u);
  const runtime::Artifact model = MakeArtifact("model");
  harness.End(Key(1), End::kCompleted, model);
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kTrained), IsEmpty()) << "once a link";
  harness.LoseLinkAndReconnect({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 1, 9)});
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kTrained), SizeIs(1));
  harness.Step(ArtifactUploaded{Key(1), model.digest});
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::COMPLETED);
}

TEST(SessionCoreEndTest, TheEndAloneSaysThatAllIsTrained) {
  CoreHarness harness(1);
  harness.Connect();
  harness.Step(LinkLost{harness.link(), absl::UnavailableError("gone")});
  harness.LoseLinkAndReconnect({});
  harness.ReceiveAssign(Key(1), 9, 9);
  harness.Step(LinkLost{harness.link(), absl::UnavailableError("gone")});
  harness.Step(TrainingDone{Key(1)});
  harness.End(Key(1), End::kCompleted);
  harness.LoseLinkAndReconnect({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 0, 9)});
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kTrained), IsEmpty());
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::COMPLETED);
}

TEST(SessionCoreEndTest, HoldsTheNextAttemptBackUntilTheTrainedOneHasLeftItsSlot) {
  CoreHarness harness(1);
  harness.Connect();
  harness.ReceiveAssign(Key(1), 9, 9);
  harness.ReceiveAssign(Key(2), 9, 9);
  EXPECT_TRUE(harness.HasHandedBack()) << "the slot is taken";
  harness.ReceiveFinishAck(Key(2));
  harness.Step(TrainingDone{Key(1)});
  harness.ReceiveAssign(Key(3), 9, 9);
  EXPECT_FALSE(harness.HasHandedBack());
  EXPECT_THAT(harness.All<StartAttempt>(), IsEmpty()) << "the first one tests its model";
  harness.End(Key(1), End::kCompleted, MakeArtifact("model"));
  ASSERT_THAT(harness.All<StartAttempt>(), SizeIs(1)) << "the upload needs no slot";
  EXPECT_EQ(harness.All<StartAttempt>()[0].assign.id().trial(), 3u);
}

// ---- Uploads ----

TEST(SessionCoreEndTest, TriesABrokenUploadAgainLater) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  const runtime::Artifact checkpoint = MakeArtifact("weights");
  harness.Step(CheckpointMade{Key(1), 1, checkpoint});
  harness.Step(UploadFailed{Key(1), checkpoint.digest, absl::UnavailableError("broke")});
  EXPECT_THAT(harness.All<UploadArtifact>(), IsEmpty());
  harness.Pass(HeldAttempt::kUploadRetryFirst);
  EXPECT_THAT(harness.All<UploadArtifact>(), SizeIs(1));
}

TEST(SessionCoreEndTest, WaitsForAFullDiskOfTheCoordinatorEverLonger) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 1, 1);
  const runtime::Artifact model = MakeArtifact("model");
  harness.End(Key(1), End::kCompleted, model);
  absl::Duration delay = HeldAttempt::kUploadRetryFirst;
  for (int i = 0; i < 20; ++i) {
    harness.Step(UploadFailed{Key(1), model.digest, absl::ResourceExhaustedError("disk full")});
    const absl::Time failed = harness.now();
    bool is_tried_again = false;
    while (!is_tried_again && harness.now() < failed + absl::Minutes(1)) {
      harness.Pass(absl::Milliseconds(500));
      is_tried_again = !harness.All<UploadArtifact>().empty();
      EXPECT_THAT(harness.Sent(v1::WorkerMessage::kFinished), IsEmpty());
      for (const auto& message : harness.Sent(v1::WorkerMessage::kHeartbeat)) {
        harness.ReceiveHeartbeatAck(message.heartbeat().number());
      }
    }
    EXPECT_EQ(harness.now() - failed, delay);
    delay = std::min(2 * delay, HeldAttempt::kUploadRetryLast);
  }
  harness.Step(ArtifactUploaded{Key(1), model.digest});
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::COMPLETED);
}

TEST(SessionCoreEndTest, GoesOnWithoutACheckpointThatIsRefusedForGood) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  const runtime::Artifact checkpoint = MakeArtifact("weights");
  harness.Step(CheckpointMade{Key(1), 1, checkpoint});
  harness.Step(UploadFailed{Key(1), checkpoint.digest, absl::InvalidArgumentError("too large")});
  ASSERT_THAT(harness.All<LogLine>(), SizeIs(1));
  EXPECT_EQ(harness.All<LogLine>()[0].level, LogLine::Level::kWarning);
  EXPECT_THAT(harness.All<LogLine>()[0].text, HasSubstr("too large; going on without"));
  harness.End(Key(1), End::kSuspended);
  EXPECT_TRUE(harness.HasHandedBack()) << "nothing to wait for";
}

// Its trainer is gone: there is only a checkpoint, from which another attempt makes the model.
TEST(SessionCoreEndTest, StillHandsBackWhatIsPrunedAfterItStoppedForWantOfAConnection) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 1);
  harness.Measure(Key(1), 1);
  harness.Step(LinkLost{harness.link(), absl::UnavailableError("gone")});
  harness.Pass(absl::Seconds(18) + SessionCore::kTrainOnWhenFenced);
  const runtime::Artifact checkpoint = MakeArtifact("weights");
  harness.Step(CheckpointMade{Key(1), 1, checkpoint});
  harness.End(Key(1), End::kSuspended);
  harness.Pass(absl::Seconds(31));
  v1::DesiredAttempt desired = CoreHarness::Desired(Key(1), v1::DesiredAttempt::STOP, 1, 1);
  desired.set_reason(v1::Stop::PRUNED);
  harness.ReceiveRegistered({desired});
  ASSERT_THAT(harness.All<UploadArtifact>(), SizeIs(1));
  harness.Step(ArtifactUploaded{Key(1), checkpoint.digest});
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kCheckpointSaved), SizeIs(1));
  EXPECT_TRUE(harness.HasHandedBack());
}

TEST(SessionCoreEndTest, FailsAnAttemptWhoseModelIsRefusedForGood) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 1, 1);
  const runtime::Artifact model = MakeArtifact("model");
  harness.End(Key(1), End::kCompleted, model);
  harness.Step(UploadFailed{Key(1), model.digest, absl::InvalidArgumentError("too large")});
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::FAILED);
  EXPECT_THAT(harness.Finished().reason(), HasSubstr("too large"));
}

TEST(SessionCoreEndTest, UploadsOneCheckpointAtATimeAndThenTheNewest) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  const runtime::Artifact first = MakeArtifact("1"), second = MakeArtifact("2"),
                          third = MakeArtifact("3");
  harness.Step(CheckpointMade{Key(1), 1, first});
  harness.Step(CheckpointMade{Key(1), 2, second});
  EXPECT_THAT(harness.All<UploadArtifact>(), IsEmpty());
  harness.Step(CheckpointMade{Key(1), 3, third});
  harness.Step(ArtifactUploaded{Key(1), first.digest});
  ASSERT_THAT(harness.All<UploadArtifact>(), SizeIs(1));
  EXPECT_EQ(harness.All<UploadArtifact>()[0].artifact.digest, third.digest);
}

// ---- Drain ----

TEST(SessionCoreEndTest, ExitsAtOnceWhenThereIsNothingToHandBack) {
  CoreHarness harness;
  harness.Connect();
  harness.Step(DrainRequested{});
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kDraining), SizeIs(1));
  EXPECT_THAT(harness.All<Exit>(), SizeIs(1));
  EXPECT_EQ(harness.core().state(), State::kExited);
}

TEST(SessionCoreEndTest, DrainsByHandingEverythingBack) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.Step(DrainRequested{});
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kCheckpoint);
  harness.ReceiveAssign(Key(2));
  EXPECT_TRUE(harness.HasHandedBack()) << "an Assign that crossed Draining";
  harness.ReceiveFinishAck(Key(2));
  harness.End(Key(1), End::kSuspended);
  EXPECT_TRUE(harness.HasHandedBack());
  EXPECT_THAT(harness.All<Exit>(), IsEmpty());
  harness.ReceiveFinishAck(Key(1));
  EXPECT_THAT(harness.All<Exit>(), SizeIs(1));
}

TEST(SessionCoreEndTest, CutsALongEpochShortWhenDrainingAndLeavesInTwentySeconds) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.Step(DrainRequested{});
  harness.Pass(SessionCore::kDrainCut - absl::Milliseconds(1));
  harness.ReceiveHeartbeatAck(2);
  EXPECT_THAT(harness.All<StopAttempt>(), IsEmpty());
  harness.Pass(absl::Milliseconds(1));
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kCheckpointNow);
  harness.End(Key(1), End::kSuspended);
  EXPECT_TRUE(harness.HasHandedBack());
  harness.Pass(SessionCore::kDrainEnd - SessionCore::kDrainCut);
  EXPECT_THAT(harness.All<Exit>(), SizeIs(1));
}

TEST(SessionCoreEndTest, HandsBackRatherThanWaitForAModelUploadThatWillNotEndInTime) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 1, 1);
  harness.End(Key(1), End::kCompleted, MakeArtifact("model"));
  harness.Step(DrainRequested{});
  harness.Pass(SessionCore::kDrainUploads);
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kFinished), IsEmpty());
  EXPECT_TRUE(harness.HasHandedBack());
}

}  // namespace
}  // namespace caviar::session
