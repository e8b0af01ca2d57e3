#include "worker/runtime/slot_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "common/time/clock.h"
#include "tests/worker/runtime/fake_trainer.h"
#include "tests/worker/runtime/temporary_directory.h"
#include "worker/runtime/epoch_runner.h"

namespace caviar::runtime {
namespace {

using ::testing::ElementsAre;
using End = AttemptResult::End;

class SlotPoolTest : public ::testing::Test {
 protected:
  SlotPoolTest() : artifacts_(directory_.path()), runner_(artifacts_, trainers_, clock_, {}) {
    dataset_ = artifacts_.Add("rows");
  }

  v1::Assign MakeAssign(uint32_t trial) const {
    v1::Assign assign;
    *assign.mutable_id() = IdOf({1, trial, 1});
    assign.set_dataset_digest(dataset_);
    assign.set_until_epoch(3);
    assign.set_epochs(3);
    return assign;
  }

  TemporaryDirectory directory_;
  FakeArtifactSource artifacts_;
  FakeTrainerFactory trainers_;
  RealClock clock_;
  EpochRunner runner_;
  RecordingObserver observer_;
  std::string dataset_;
};

TEST_F(SlotPoolTest, RunsAttemptsAtTheSameTime) {
  // Each waits for the other inside its first epoch: one slot would never finish.
  Mutex mutex;
  CondVar changed;
  int inside = 0;
  trainers_.script = [&](uint32_t epoch, std::stop_token) {
    if (epoch > 1) return absl::OkStatus();
    MutexLock lock(&mutex);
    ++inside;
    changed.NotifyAll();
    while (inside < 2) changed.Wait(&mutex);
    return absl::OkStatus();
  };
  SlotPool pool(2, runner_, observer_);
  pool.Start(MakeAssign(1), 3);
  pool.Start(MakeAssign(2), 3);
  EXPECT_EQ(observer_.WaitForEnd({1, 1, 1}).end, End::kCompleted);
  EXPECT_EQ(observer_.WaitForEnd({1, 2, 1}).end, End::kCompleted);
}

TEST_F(SlotPoolTest, RunsMoreThanItsSlotsOneAfterTheOther) {
  SlotPool pool(1, runner_, observer_);
  for (uint32_t trial = 1; trial <= 5; ++trial) pool.Start(MakeAssign(trial), 3);
  for (uint32_t trial = 1; trial <= 5; ++trial) {
    EXPECT_EQ(observer_.WaitForEnd({1, trial, 1}).end, End::kCompleted);
  }
}

TEST_F(SlotPoolTest, PassesGrantsAndStopsOn) {
  SlotPool pool(1, runner_, observer_);
  pool.Start(MakeAssign(1), 1);
  observer_.WaitForEpoch(1);
  pool.SetEpochLimit({1, 1, 1}, 2);
  observer_.WaitForEpoch(2);
  pool.Stop({1, 1, 1}, StopMode::kCheckpoint);
  EXPECT_EQ(observer_.WaitForEnd({1, 1, 1}).end, End::kSuspended);
  EXPECT_THAT(observer_.epochs(), ElementsAre(1, 2));
  pool.Stop({1, 1, 1}, StopMode::kDrop);  // already ended: nothing happens
}

TEST_F(SlotPoolTest, DropsWhatRunsWhenItIsDestroyed) {
  auto pool = std::make_unique<SlotPool>(1, runner_, observer_);
  pool->Start(MakeAssign(1), 1);
  observer_.WaitForEpoch(1);
  pool.reset();
  EXPECT_EQ(observer_.WaitForEnd({1, 1, 1}).end, End::kDropped);
}

}  // namespace
}  // namespace caviar::runtime
