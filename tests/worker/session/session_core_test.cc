#include "worker/session/session_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/worker/session/core_harness.h"

namespace caviar::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using End = runtime::AttemptResult::End;
using State = SessionCore::State;

// ---- Connecting ----

TEST(SessionCoreTest, RegistersFirstOnEachLink) {
  CoreHarness harness;
  harness.Step(Tick{});
  ASSERT_THAT(harness.All<OpenLink>(), SizeIs(1));
  const auto sent = harness.All<SendMessage>();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].message.register_().worker_id(), "w");
  EXPECT_EQ(sent[0].message.register_().incarnation(), 3u);
  EXPECT_EQ(harness.core().state(), State::kRegistering);
}

TEST(SessionCoreTest, SaysToWhomAndAsWhomItIsConnected) {
  CoreHarness harness;
  harness.Connect();
  ASSERT_THAT(harness.All<LogLine>(), SizeIs(1));
  EXPECT_EQ(harness.All<LogLine>()[0].text, "connected to localhost:1 as box (id w)");
  EXPECT_EQ(harness.core().state(), State::kConnected);
}

TEST(SessionCoreTest, KeepsTryingForEverWithGrowingBoundedPauses) {
  CoreHarness harness;
  harness.Step(Tick{});
  absl::Duration longest = absl::ZeroDuration();
  for (int i = 0; i < 200; ++i) {
    harness.Step(LinkLost{harness.link(), absl::UnavailableError("refused")});
    const absl::Duration pause = harness.next_deadline() - harness.now();
    EXPECT_LE(pause, i == 0 ? absl::Milliseconds(500) : Backoff::kCap);
    longest = std::max(longest, pause);
    harness.Pass(pause);
    ASSERT_THAT(harness.All<OpenLink>(), SizeIs(1));
  }
  EXPECT_GT(longest, absl::Seconds(20));
}

TEST(SessionCoreTest, ComplainsAtMostEveryTenSeconds) {
  CoreHarness harness;
  harness.Step(Tick{});
  const absl::Time start = harness.now();
  int complaints = 0;
  while (harness.now() < start + absl::Minutes(2)) {
    harness.Step(LinkLost{harness.link(), absl::UnavailableError("refused")});
    for (const LogLine& line : harness.All<LogLine>()) {
      EXPECT_THAT(line.text, HasSubstr("cannot connect to a coordinator at localhost:1: refused"));
      ++complaints;
    }
    harness.Pass(harness.next_deadline() - harness.now());
  }
  EXPECT_GE(complaints, 4);
  EXPECT_LE(complaints, 13);
}

TEST(SessionCoreTest, GivesUpALinkThatDoesNotAnswerRegister) {
  CoreHarness harness;
  harness.Step(Tick{});
  const uint64_t link = harness.link();
  harness.Pass(SessionCore::kRegisterTimeout);
  ASSERT_FALSE(harness.All<CloseLink>().empty());
  EXPECT_EQ(harness.All<CloseLink>()[0].link, link);
}

TEST(SessionCoreTest, RefusesAnotherProtocolVersionAndSaysSo) {
  CoreHarness harness;
  harness.Step(Tick{});
  v1::CoordinatorMessage message;
  message.mutable_registered()->set_protocol(9);
  harness.Receive(message);
  EXPECT_EQ(harness.core().state(), State::kDisconnected);
  EXPECT_THAT(harness.All<LogLine>()[0].text, HasSubstr("speaks protocol 9, this worker 1 to 1"));
}

TEST(SessionCoreTest, IgnoresWhatArrivesFromAnOlderLink) {
  CoreHarness harness;
  harness.Connect();
  const uint64_t old_link = harness.link();
  harness.LoseLinkAndReconnect({});
  harness.Step(LinkLost{old_link, absl::UnavailableError("late")});
  EXPECT_EQ(harness.core().state(), State::kConnected);
  v1::CoordinatorMessage message;
  *message.mutable_assign()->mutable_id() = runtime::IdOf(Key(1));
  harness.Step(MessageReceived{old_link, message});
  EXPECT_THAT(harness.All<StartAttempt>(), IsEmpty());
}

TEST(SessionCoreTest, ComesBackNoEarlierThanGoAwaySays) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveGoAway(absl::Seconds(7));
  EXPECT_THAT(harness.All<CloseLink>(), SizeIs(1));
  EXPECT_GE(harness.next_deadline(), harness.now() + absl::Seconds(7));
  EXPECT_LE(harness.next_deadline(), harness.now() + absl::Seconds(8));
}

// ---- Heartbeats and the fence ----

TEST(SessionCoreTest, SendsAHeartbeatEachInterval) {
  CoreHarness harness;
  harness.Connect();
  std::vector<uint32_t> numbers;
  for (int i = 0; i < 4; ++i) {
    harness.Pass(absl::Seconds(5));
    for (const auto& message : harness.Sent(v1::WorkerMessage::kHeartbeat)) {
      numbers.push_back(message.heartbeat().number());
      harness.ReceiveHeartbeatAck(message.heartbeat().number());
    }
  }
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4));
}

TEST(SessionCoreTest, FencesItselfFromTheSendTimeOfTheLastAnsweredHeartbeat) {
  CoreHarness harness;
  harness.Connect();
  harness.Pass(absl::Seconds(5));
  const absl::Time sent = harness.now();
  harness.Pass(absl::Seconds(4));
  harness.ReceiveHeartbeatAck(1);  // late: the lease still counts from `sent`
  harness.Pass(sent + absl::Seconds(18) - harness.now() - absl::Milliseconds(1));
  EXPECT_EQ(harness.core().state(), State::kConnected);
  harness.Pass(absl::Milliseconds(1));
  EXPECT_NE(harness.core().state(), State::kConnected);
}

TEST(SessionCoreTest, SaysNothingAboutAttemptsUntilARegisterConfirmedThem) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.Pass(absl::Seconds(18));  // fenced, and trying to register
  for (uint32_t epoch = 1; epoch <= 3; ++epoch) {
    harness.Measure(Key(1), epoch);
    EXPECT_THAT(harness.SentSequences(), IsEmpty());
  }
  harness.Pass(absl::Seconds(2));
  EXPECT_THAT(harness.SentSequences(), IsEmpty());
  harness.ReceiveRegistered({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 0, 5)});
  ASSERT_THAT(harness.SentSequences(), ElementsAre(1));
  EXPECT_EQ(harness.Sent(v1::WorkerMessage::kMeasurements)[0].measurements().rows_size(), 3);
}

TEST(SessionCoreTest, TrainsOnForAMinuteWhenFencedThenCheckpointsAndStops) {
  CoreHarness harness;
  harness.Connect();
  const absl::Time fence = harness.now() + absl::Seconds(18);
  harness.ReceiveAssign(Key(1));
  harness.Step(LinkLost{harness.link(), absl::UnavailableError("gone")});
  harness.Pass(fence + absl::Seconds(60) - harness.now() - absl::Milliseconds(1));
  EXPECT_THAT(harness.All<StopAttempt>(), IsEmpty());
  harness.Pass(absl::Milliseconds(1));
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kCheckpoint);

  // The coordinator was only restarting: the attempt goes back with its rows and checkpoint.
  harness.Measure(Key(1), 1);
  const runtime::Artifact checkpoint = MakeArtifact("weights");
  harness.Step(CheckpointMade{Key(1), 1, checkpoint});
  harness.End(Key(1), End::kSuspended);
  harness.Pass(absl::Seconds(31));
  harness.ReceiveRegistered({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 0, 5)});
  EXPECT_THAT(harness.SentSequences(), ElementsAre(1));
  EXPECT_FALSE(harness.HasHandedBack());
  ASSERT_THAT(harness.All<UploadArtifact>(), SizeIs(1));
  harness.Step(ArtifactUploaded{Key(1), checkpoint.digest});
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kCheckpointSaved), SizeIs(1));
  EXPECT_TRUE(harness.HasHandedBack());
}

// ---- Attempts ----

TEST(SessionCoreTest, StartsAnAssignedAttemptWithItsGrant) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 5);
  ASSERT_THAT(harness.All<StartAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StartAttempt>()[0].epoch_limit, 5u);
  harness.ReceiveAssign(Key(1), 5);
  EXPECT_THAT(harness.All<StartAttempt>(), IsEmpty()) << "heard twice, started once";
  harness.ReceiveGrant(Key(1), 9);
  ASSERT_THAT(harness.All<SetEpochLimit>(), SizeIs(1));
  EXPECT_EQ(harness.All<SetEpochLimit>()[0].epoch_limit, 9u);
  harness.ReceiveGrant(Key(1), 7);
  EXPECT_THAT(harness.All<SetEpochLimit>(), IsEmpty()) << "a grant never shrinks";
}

TEST(SessionCoreTest, HandsBackAnAssignThatFindsNoFreeSlot) {
  CoreHarness harness(1);
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.ReceiveAssign(Key(2));
  EXPECT_THAT(harness.All<StartAttempt>(), IsEmpty());
  ASSERT_TRUE(harness.HasHandedBack());
  EXPECT_EQ(harness.Sent(v1::WorkerMessage::kHandBack)[0].hand_back().id().trial(), 2u);
}

TEST(SessionCoreTest, HandsBackWithTheReasonWhatItCannotRunAndWarns) {
  CoreHarness harness(1);
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  runtime::AttemptResult result;
  result.end = End::kCannotHere;
  result.reason = "no space left on device";
  harness.Step(AttemptEnded{Key(1), result});
  ASSERT_TRUE(harness.HasHandedBack());
  EXPECT_EQ(harness.Sent(v1::WorkerMessage::kHandBack)[0].hand_back().reason(), result.reason);
  ASSERT_THAT(harness.All<LogLine>(), SizeIs(1));
  EXPECT_EQ(harness.All<LogLine>()[0].level, LogLine::Level::kWarning);
  EXPECT_THAT(harness.All<LogLine>()[0].text,
              HasSubstr("job 1 trial 1 attempt 1 cannot be run by "
                        "this worker and is handed back: no space"));
}

TEST(SessionCoreTest, WaitsForTheSlotOfALostAttemptToBecomeFree) {
  CoreHarness harness(1);
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.ReceiveStop(Key(1), v1::Stop::LOST);
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StopAttempt>()[0].mode, runtime::StopMode::kDrop);
  harness.ReceiveAssign(Key(2));
  EXPECT_THAT(harness.All<StartAttempt>(), IsEmpty());
  EXPECT_FALSE(harness.HasHandedBack());
  harness.End(Key(1), End::kDropped);
  EXPECT_THAT(harness.All<StartAttempt>(), SizeIs(1));
  EXPECT_THAT(harness.All<SendMessage>(), IsEmpty()) << "nothing is said of a lost attempt";
}

TEST(SessionCoreTest, TellsTheRowThatEndsAGrantAtOnce) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 3);
  harness.Measure(Key(1), 1);
  EXPECT_THAT(harness.SentSequences(), ElementsAre(1));
  harness.Measure(Key(1), 2);
  EXPECT_THAT(harness.SentSequences(), IsEmpty());
  harness.Measure(Key(1), 3);
  EXPECT_THAT(harness.SentSequences(), ElementsAre(2));
}

TEST(SessionCoreTest, StopsTrainingBeforeTheOutboxOverflows) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 10000, 10000);
  ASSERT_THAT(harness.All<StartAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.All<StartAttempt>()[0].epoch_limit, Outbox::kRowsMax);
  harness.Measure(Key(1), 1);
  harness.ReceiveAck(Key(1), 1);
  ASSERT_THAT(harness.All<SetEpochLimit>(), SizeIs(1));
  EXPECT_EQ(harness.All<SetEpochLimit>()[0].epoch_limit, Outbox::kRowsMax + 1);
}

TEST(SessionCoreTest, FinishesAfterModelAndMeasurementsAreThereAndRepeatsUntilAcknowledged) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 2, 2);
  harness.Measure(Key(1), 1);
  harness.Measure(Key(1), 2);
  const runtime::Artifact model = MakeArtifact("model");
  harness.End(Key(1), End::kCompleted, model);
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kFinished), IsEmpty());
  ASSERT_THAT(harness.All<UploadArtifact>(), SizeIs(1));
  harness.Step(ArtifactUploaded{Key(1), model.digest});
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::COMPLETED);
  EXPECT_EQ(harness.Finished().final_sequence(), 2u);
  EXPECT_EQ(harness.Finished().model_digest(), model.digest);

  harness.Pass(absl::Seconds(5));
  harness.ReceiveHeartbeatAck(1);
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kFinished), IsEmpty());
  harness.Pass(absl::Seconds(5));
  EXPECT_EQ(harness.Finished().final_sequence(), 2u) << "not acknowledged: again";
  harness.LoseLinkAndReconnect({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 1, 2)});
  EXPECT_THAT(harness.SentSequences(), ElementsAre(2));
  EXPECT_EQ(harness.Finished().final_sequence(), 2u);

  harness.ReceiveFinishAck(Key(1));
  EXPECT_THAT(harness.core().attempts(), IsEmpty());
}

TEST(SessionCoreTest, RegistersWhatItRunsWithTheLastAcknowledgedSequence) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.Measure(Key(1), 1);
  harness.ReceiveAck(Key(1), 1);
  harness.Step(LinkLost{harness.link(), absl::OkStatus()});
  harness.Pass(absl::Milliseconds(500));
  const auto sent = harness.Sent(v1::WorkerMessage::kRegister);
  ASSERT_THAT(sent, SizeIs(1));
  ASSERT_EQ(sent[0].register_().running_size(), 1);
  EXPECT_EQ(sent[0].register_().running(0).acknowledged_sequence(), 1u);
}

TEST(SessionCoreTest, ForgetsAnAttemptThatRegisteredDoesNotName) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.LoseLinkAndReconnect({});
  EXPECT_THAT(harness.core().attempts(), IsEmpty());
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  EXPECT_EQ(harness.core().busy_slots(), 1u);
}

TEST(SessionCoreTest, HandsBackWhenTheCoordinatorLostWhatItAcknowledged) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1));
  harness.Measure(Key(1), 1);
  harness.ReceiveAck(Key(1), 1);
  harness.LoseLinkAndReconnect({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 0, 5)});
  ASSERT_THAT(harness.All<StopAttempt>(), SizeIs(1));
  harness.End(Key(1), End::kDropped);
  ASSERT_TRUE(harness.HasHandedBack());
  EXPECT_EQ(harness.Sent(v1::WorkerMessage::kHandBack)[0].hand_back().final_sequence(), 0u);
}

TEST(SessionCoreTest, HandsBackARunThatCompletedAfterItsRowsWereDropped) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 1, 1);
  harness.Measure(Key(1), 1);
  harness.ReceiveAck(Key(1), 1);
  harness.LoseLinkAndReconnect({CoreHarness::Desired(Key(1), v1::DesiredAttempt::CONTINUE, 0, 1)});
  // It was testing its model when it was told to stop.
  harness.End(Key(1), End::kCompleted, MakeArtifact("model"));
  EXPECT_THAT(harness.All<UploadArtifact>(), IsEmpty());
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kFinished), IsEmpty());
  ASSERT_TRUE(harness.HasHandedBack());
  EXPECT_EQ(harness.Sent(v1::WorkerMessage::kHandBack)[0].hand_back().final_sequence(), 0u);
}

TEST(SessionCoreTest, ResendsFromAGapAndThenTheEndAgain) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 2);
  harness.Measure(Key(1), 1);
  harness.Measure(Key(1), 2);
  harness.End(Key(1), End::kInfeasible);
  EXPECT_EQ(harness.Finished().final_sequence(), 2u);
  harness.ReceiveResendFrom(Key(1), 1);
  EXPECT_THAT(harness.SentSequences(), ElementsAre(1, 2));
  EXPECT_EQ(harness.Finished().outcome(), v1::AttemptFinished::INFEASIBLE);
}

TEST(SessionCoreTest, TellsTheEndOnlyAfterTheLastRowWasSent) {
  CoreHarness harness;
  harness.Connect();
  harness.ReceiveAssign(Key(1), 300, 300);
  for (uint32_t epoch = 1; epoch <= 299; ++epoch) harness.Measure(Key(1), epoch);
  harness.End(Key(1), End::kInfeasible);
  EXPECT_THAT(harness.Sent(v1::WorkerMessage::kFinished), IsEmpty()) << "the window is full";
  harness.ReceiveAck(Key(1), 4);
  EXPECT_EQ(harness.SentSequences(), std::vector<uint32_t>({5, 6}));
  EXPECT_EQ(harness.Finished().final_sequence(), 6u);
}

}  // namespace
}  // namespace caviar::session
