// Worker sessions over a real gRPC connection, against the real engine.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/service/fake_worker.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {
namespace {

using Message = v1::CoordinatorMessage;

v1::AttemptId Older(v1::AttemptId id) {
  id.set_attempt(id.attempt() - 1);
  return id;
}

TEST(WorkerSessionTest, TrainsEveryTrialOfAJob) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(/*trials=*/3, /*epochs=*/2);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, /*slots=*/1);

  for (int i = 0; i < 3; ++i) worker.Complete(worker.ReceiveKind(Message::kAssign).assign());

  const v1::Job done = coordinator.GetJob(job);
  EXPECT_EQ(done.state(), v1::Job::COMPLETED);
  EXPECT_EQ(done.trials().completed(), 3u);
  EXPECT_EQ(done.epochs_done(), 6u);
}

TEST(WorkerSessionTest, RefusesASessionThatDoesNotRegisterFirst) {
  TestCoordinator coordinator;
  FakeWorker worker(coordinator);
  v1::WorkerMessage heartbeat;
  heartbeat.mutable_heartbeat()->set_number(1);
  worker.Send(heartbeat);

  const grpc::Status end = worker.AwaitEnd();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(end.error_message(), "the first message of a session must be register");
}

TEST(WorkerSessionTest, EndsASessionThatDoesNotRegisterInTime) {
  TestOptions options;
  options.patience.register_within = absl::Milliseconds(1);
  TestCoordinator coordinator(options);
  FakeWorker worker(coordinator);
  const grpc::Status end = worker.AwaitEnd();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(end.error_message(), "no register within 1ms");
}

TEST(WorkerSessionTest, SaysThatAMessageMayNotHaveParsed) {
  TestCoordinator coordinator;
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  v1::WorkerMessage message;
  message.mutable_finished()->set_reason("caf\xC3");  // not UTF-8: it is sent, but not parsed
  worker.Send(message);

  const grpc::Status end = worker.AwaitEnd();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(end.error_message().find("UTF-8"), std::string::npos) << end.error_message();
}

TEST(WorkerSessionTest, EndsWithOkOnlyForAWorkerThatDrains) {
  TestCoordinator coordinator;
  FakeWorker leaving(coordinator), drained(coordinator);
  leaving.Register("a", 1, 1);
  EXPECT_EQ(leaving.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  drained.Register("b", 1, 1);
  EXPECT_TRUE(drained.DrainAndEnd().ok());
}

TEST(WorkerSessionTest, AcknowledgesARepeatedBatchAgainAndCountsItOnce) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 3);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();

  for (int i = 0; i < 3; ++i) {
    worker.SendMeasurements(assign.id(), 1, 1);
    EXPECT_EQ(worker.ReceiveKind(Message::kAck).ack().sequence(), 1u);
  }
  EXPECT_EQ(coordinator.GetJob(job).epochs_done(), 1u);
}

TEST(WorkerSessionTest, AsksForWhatIsMissingInAGap) {
  TestCoordinator coordinator;
  coordinator.Submit(1, 5);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();

  worker.SendMeasurements(assign.id(), 1, 1);
  worker.SendMeasurements(assign.id(), 3, 3);
  const v1::ResendFrom resend = worker.ReceiveKind(Message::kResendFrom).resend_from();
  EXPECT_EQ(resend.id().trial(), assign.id().trial());
  EXPECT_EQ(resend.sequence(), 2u);
}

TEST(WorkerSessionTest, AnswersARepeatedFinishAlike) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 1);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();
  worker.Complete(assign);

  worker.SendFinished(assign.id(), 1);
  EXPECT_EQ(worker.ReceiveKind(Message::kFinishAck).finish_ack().id().trial(), 1u);
  EXPECT_EQ(coordinator.GetJob(job).trials().completed(), 1u);
}

TEST(WorkerSessionTest, TellsAnOlderAttemptThatItIsLost) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 5);
  v1::Assign first;
  {
    FakeWorker worker(coordinator);
    worker.Register("w", 1, 1);
    first = worker.ReceiveKind(Message::kAssign).assign();
  }
  // A new incarnation knows nothing of the attempt, which ends it at once.
  FakeWorker worker(coordinator);
  worker.Register("w", 2, 1);
  const v1::Assign second = worker.ReceiveKind(Message::kAssign).assign();
  EXPECT_EQ(second.id().trial(), first.id().trial());
  EXPECT_GT(second.id().attempt(), first.id().attempt());

  worker.SendMeasurements(Older(second.id()), 1, 1);
  const v1::Stop stop = worker.ReceiveKind(Message::kStop).stop();
  EXPECT_EQ(stop.id().attempt(), first.id().attempt());
  EXPECT_EQ(stop.reason(), v1::Stop::LOST);
  EXPECT_EQ(coordinator.GetJob(job).epochs_done(), 0u);
}

TEST(WorkerSessionTest, ClosesTheOlderSessionOfAWorkerThatCameBack) {
  TestCoordinator coordinator;
  FakeWorker older(coordinator);
  older.Register("w", 1, 1);
  FakeWorker newer(coordinator);
  newer.Register("w", 2, 1);

  EXPECT_FALSE(older.AwaitEnd().ok());
  v1::WorkerMessage heartbeat;
  heartbeat.mutable_heartbeat()->set_number(7);
  newer.Send(heartbeat);
  EXPECT_EQ(newer.ReceiveKind(Message::kHeartbeatAck).heartbeat_ack().number(), 7u);
}

TEST(WorkerSessionTest, SendsWhatWasAskedInOrder) {
  TestCoordinator coordinator;
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  constexpr uint32_t kHeartbeats = 500;
  for (uint32_t number = 1; number <= kHeartbeats; ++number) {
    v1::WorkerMessage heartbeat;
    heartbeat.mutable_heartbeat()->set_number(number);
    worker.Send(heartbeat);
  }
  for (uint32_t number = 1; number <= kHeartbeats; ++number) {
    ASSERT_EQ(worker.Receive().heartbeat_ack().number(), number);
  }
  EXPECT_TRUE(worker.DrainAndEnd().ok());
}

TEST(WorkerSessionTest, BringsACancelToTheWorker) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(2, 5);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();

  v1::CancelJobRequest cancel;
  cancel.set_job(absl::StrCat(job.id()));
  v1::Job cancelled;
  ASSERT_TRUE(coordinator.search().CancelJob(Context().get(), cancel, &cancelled).ok());
  const v1::Stop stop = worker.ReceiveKind(Message::kStop).stop();
  EXPECT_EQ(stop.id().trial(), assign.id().trial());
  EXPECT_EQ(stop.reason(), v1::Stop::CANCELLED);
}

TEST(WorkerSessionTest, ListsAWorkerWhileItIsThere) {
  TestCoordinator coordinator;
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 4);
  v1::ListWorkersResponse workers;
  ASSERT_TRUE(coordinator.search().ListWorkers(Context().get(), {}, &workers).ok());
  ASSERT_EQ(workers.workers_size(), 1);
  EXPECT_EQ(workers.workers(0).slots(), 4u);
  EXPECT_EQ(workers.workers(0).state(), v1::Worker::CONNECTED);

  // The end of the stream comes after the engine was told.
  EXPECT_TRUE(worker.DrainAndEnd().ok());
  ASSERT_TRUE(coordinator.search().ListWorkers(Context().get(), {}, &workers).ok());
  EXPECT_EQ(workers.workers(0).state(), v1::Worker::DISCONNECTED);
}

TEST(WorkerSessionTest, AsksWorkersToComeBackLaterWhenTheServerCloses) {
  TestCoordinator coordinator;
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  std::thread closing([&] { coordinator.server().Shutdown(); });

  const v1::GoAway go_away = worker.ReceiveKind(Message::kGoAway).go_away();
  EXPECT_GE(go_away.reconnect_after().seconds(), 1);
  EXPECT_LE(go_away.reconnect_after().seconds(), 5);
  EXPECT_TRUE(worker.End().ok());
  closing.join();
}

TEST(WorkerSessionTest, TurnsWorkersAwayWhenTheInboxIsFull) {
  TestOptions options;
  options.driver.inbox_events_max = 1;
  TestCoordinator coordinator(options);
  // The driver stands still inside this question, and a second one fills its inbox. Others (the
  // janitor) may be in it first.
  std::promise<void> go_on, is_inside;
  const std::shared_future<void> gone = go_on.get_future().share();
  while (!coordinator.driver()
              .Read([&is_inside, gone](const auto&) {
                is_inside.set_value();
                gone.wait();
              })
              .ok()) {
  }
  is_inside.get_future().wait();
  while (coordinator.driver().Read([](const auto&) {}).ok()) {
  }

  FakeWorker worker(coordinator);
  v1::WorkerMessage hello;
  hello.mutable_register_()->set_worker_id("w");
  worker.Send(hello);
  EXPECT_EQ(worker.AwaitEnd().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  go_on.set_value();
}

}  // namespace
}  // namespace caviar::service
