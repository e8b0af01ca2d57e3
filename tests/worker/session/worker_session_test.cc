// The real session over a real loopback connection, against a coordinator that the test speaks for.
#include "worker/session/worker_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "common/rpc/channel.h"
#include "common/time/clock.h"
#include "tests/worker/runtime/fake_trainer.h"
#include "tests/worker/runtime/temporary_directory.h"
#include "tests/worker/session/scripted_coordinator.h"
#include "worker/runtime/epoch_runner.h"
#include "worker/session/artifact_cache.h"
#include "worker/session/artifact_client.h"
#include "worker/session/boot_time_clock.h"

namespace caviar::session {
namespace {

using ::testing::ElementsAre;
using Kind = v1::WorkerMessage;

class WorkerSessionTest : public ::testing::Test {
 protected:
  WorkerSessionTest() : artifacts_(CreateClientChannel(coordinator_.address())) {
    ArtifactCache::Options cache_options;
    cache_options.directory = directory_.path();
    cache_ = *ArtifactCache::Open(cache_options, artifacts_);
    runner_ = std::make_unique<runtime::EpochRunner>(*cache_, trainers_, clock_,
                                                     runtime::EpochRunner::Options());
    SessionOptions options;
    options.coordinator = coordinator_.address();
    options.worker_id = "w";
    options.name = "box";
    options.slots = 1;
    session_ = std::make_unique<WorkerSession>(
        options, [this] { return CreateClientChannel(coordinator_.address()); }, *runner_,
        artifacts_, clock_);
    dataset_ = coordinator_.AddArtifact("rows");
  }
  ~WorkerSessionTest() override {
    session_->RequestDrain();
    if (thread_.joinable()) thread_.join();
  }

  void Start() {
    thread_ = std::thread([this] { session_->Run(); });
  }
  v1::CoordinatorMessage MakeAssign(uint32_t until_epoch, uint32_t epochs) const {
    v1::CoordinatorMessage message;
    v1::Assign& assign = *message.mutable_assign();
    assign.mutable_id()->set_job(1);
    assign.mutable_id()->set_trial(1);
    assign.mutable_id()->set_attempt(1);
    assign.set_dataset_digest(dataset_);
    assign.set_until_epoch(until_epoch);
    assign.set_epochs(epochs);
    return message;
  }
  // Epochs of the next measurement batches until `epoch` is among them.
  std::vector<uint32_t> EpochsThrough(uint32_t epoch) {
    std::vector<uint32_t> epochs;
    while (epochs.empty() || epochs.back() < epoch) {
      const auto batch = coordinator_.WaitFor(Kind::kMeasurements).measurements();
      last_sequence_ = batch.sequence();
      for (const auto& row : batch.rows()) epochs.push_back(row.epoch());
    }
    return epochs;
  }
  void AcknowledgeEnd() {
    v1::CoordinatorMessage message;
    *message.mutable_finish_ack()->mutable_id() = MakeAssign(0, 0).assign().id();
    coordinator_.Send(message);
  }

  ScriptedCoordinator coordinator_;
  TemporaryDirectory directory_;
  ArtifactClient artifacts_;
  std::unique_ptr<ArtifactCache> cache_;
  runtime::FakeTrainerFactory trainers_;
  BootTimeClock clock_;
  std::unique_ptr<runtime::EpochRunner> runner_;
  std::unique_ptr<WorkerSession> session_;
  std::string dataset_;
  uint32_t last_sequence_ = 0;
  std::thread thread_;
};

TEST_F(WorkerSessionTest, TrainsAnAssignedTrialAndDeliversItsModel) {
  Start();
  EXPECT_EQ(coordinator_.Welcome().slots(), 1u);
  coordinator_.Send(MakeAssign(3, 3));
  EXPECT_THAT(EpochsThrough(3), ElementsAre(1, 2, 3));
  const auto finished = coordinator_.WaitFor(Kind::kFinished).finished();
  EXPECT_EQ(finished.outcome(), v1::AttemptFinished::COMPLETED);
  EXPECT_EQ(finished.final_sequence(), last_sequence_);
  EXPECT_EQ(finished.final_metrics().at("test_loss"), 0.5);
  EXPECT_EQ(coordinator_.ArtifactBytes(finished.model_digest()), "model of epoch 3");
  AcknowledgeEnd();
}

TEST_F(WorkerSessionTest, ResumesABrokenTransferOfTheDataSet) {
  dataset_ = coordinator_.AddArtifact(std::string(3 * kChunkBytesMax, 'x'));
  coordinator_.BreakNextGet();
  Start();
  coordinator_.Welcome();
  coordinator_.Send(MakeAssign(1, 1));
  EXPECT_EQ(coordinator_.WaitFor(Kind::kFinished).finished().outcome(),
            v1::AttemptFinished::COMPLETED);
  EXPECT_THAT(coordinator_.get_offsets(), ElementsAre(0, kChunkBytesMax));
  AcknowledgeEnd();
}

TEST_F(WorkerSessionTest, HandsATrialBackWhoseDataSetItCannotGet) {
  dataset_ = Sha256Hex("never uploaded");
  Start();
  coordinator_.Welcome();
  coordinator_.Send(MakeAssign(1, 1));
  const auto hand_back = coordinator_.WaitFor(Kind::kHandBack).hand_back();
  EXPECT_THAT(hand_back.reason(), ::testing::HasSubstr(dataset_));
  AcknowledgeEnd();
}

TEST_F(WorkerSessionTest, TrainsOnWhileTheCoordinatorRestartsAndDeliversTheRest) {
  Start();
  coordinator_.Welcome();
  coordinator_.Send(MakeAssign(2, 4));
  EXPECT_THAT(EpochsThrough(2), ElementsAre(1, 2));  // nothing is acknowledged
  coordinator_.Restart();
  v1::DesiredAttempt desired;
  *desired.mutable_id() = MakeAssign(0, 0).assign().id();
  desired.set_state(v1::DesiredAttempt::CONTINUE);
  desired.set_until_epoch(4);
  const v1::Register registered = coordinator_.Welcome({desired});
  ASSERT_EQ(registered.running_size(), 1);
  EXPECT_EQ(registered.running(0).acknowledged_sequence(), 0u);
  EXPECT_THAT(EpochsThrough(4), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(coordinator_.WaitFor(Kind::kFinished).finished().final_sequence(), last_sequence_);
  AcknowledgeEnd();
}

TEST_F(WorkerSessionTest, DrainsByCheckpointAndHandBack) {
  Start();
  coordinator_.Welcome();
  coordinator_.Send(MakeAssign(2, 4));
  EpochsThrough(2);
  session_->RequestDrain();
  coordinator_.WaitFor(Kind::kDraining);
  const auto saved = coordinator_.WaitFor(Kind::kCheckpointSaved).checkpoint_saved();
  EXPECT_EQ(saved.epoch(), 2u);
  EXPECT_EQ(coordinator_.ArtifactBytes(saved.digest()), "2");
  EXPECT_EQ(coordinator_.WaitFor(Kind::kHandBack).hand_back().final_sequence(), last_sequence_);
  AcknowledgeEnd();
  thread_.join();
}

TEST_F(WorkerSessionTest, CancelsInsideAnEpoch) {
  // The epoch never ends by itself.
  trainers_.script = [](uint32_t, std::stop_token stop) {
    Mutex mutex;
    CondVar stopped;
    bool is_stopped = false;
    const std::stop_callback on_stop(stop, [&] {
      MutexLock lock(&mutex);
      is_stopped = true;
      stopped.NotifyAll();
    });
    MutexLock lock(&mutex);
    while (!is_stopped) stopped.Wait(&mutex);
    return absl::CancelledError("cut");
  };
  Start();
  coordinator_.Welcome();
  const v1::CoordinatorMessage assign = MakeAssign(2, 4);
  coordinator_.Send(assign);
  v1::CoordinatorMessage message;
  *message.mutable_stop()->mutable_id() = assign.assign().id();
  message.mutable_stop()->set_reason(v1::Stop::CANCELLED);
  coordinator_.Send(message);
  const auto finished = coordinator_.WaitFor(Kind::kFinished).finished();
  EXPECT_EQ(finished.outcome(), v1::AttemptFinished::STOPPED);
  EXPECT_EQ(finished.model_digest(), "");
  AcknowledgeEnd();
}

}  // namespace
}  // namespace caviar::session
