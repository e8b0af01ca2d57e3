#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

double RateOf(const google::protobuf::Struct& values) {
  return values.fields().at("learning_rate").number_value();
}

// Two trials of four epochs; compared after two, the worse one copies the better.
class PbtTest : public ::testing::Test {
 protected:
  PbtTest() {
    v1::JobSpec spec = EngineHarness::Spec(2, 4);
    v1::PbtScheduler& pbt = *spec.mutable_scheduler()->mutable_pbt();
    pbt.set_interval_epochs(2);
    pbt.set_resample(0);
    for (const double rate : {0.1, 0.01}) {
      (*spec.add_enqueue()->mutable_fields())["learning_rate"].set_number_value(rate);
    }
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w", 2);
    assigns_ = harness_.TakeAssigns(session_);
  }
  void Train(const v1::Assign& assign, double value, absl::string_view checkpoint) {
    harness_.Measure(session_, assign.id(), 1, assign.from_epoch() + 1, {value - 0.1, value});
    harness_.Checkpoint(session_, assign.id(), assign.from_epoch() + 2, checkpoint);
    harness_.HandBack(session_, assign.id(), 1);
  }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  std::vector<v1::Assign> assigns_;
};

TEST_F(PbtTest, TheWorseTrialGoesOnFromTheBetterOnesCheckpointAndPoint) {
  ASSERT_EQ(assigns_.size(), 2u);
  EXPECT_EQ(assigns_[0].until_epoch(), 2u);
  Train(assigns_[0], 0.3, "c1");
  EXPECT_TRUE(harness_.TakeAssigns(session_).empty()) << "the other has not come yet";
  harness_.Restart();
  session_ = harness_.Connect("w", 2, 1, {EngineHarness::Running(assigns_[1].id())});
  Train(assigns_[1], 0.8, "c2");
  EXPECT_THAT(EngineHarness::Released(harness_.last()), ::testing::ElementsAre(Digest("c1")));
  const std::vector<v1::Assign> next = harness_.TakeAssigns(session_);
  ASSERT_EQ(next.size(), 2u);
  EXPECT_EQ(next[0].id().trial(), 1u);
  EXPECT_EQ(next[0].checkpoint_digest(), Digest("c2"));
  EXPECT_EQ(next[0].from_epoch(), 2u);
  EXPECT_EQ(next[0].until_epoch(), 4u);
  const double ratio = RateOf(next[0].hyperparameters()) / 0.01;
  EXPECT_TRUE(std::abs(ratio - 1.2) < 1e-9 || std::abs(ratio - 0.8) < 1e-9) << ratio;
  EXPECT_EQ(next[1].checkpoint_digest(), Digest("c2"));
  EXPECT_EQ(RateOf(next[1].hyperparameters()), 0.01);
  const v1::Trial copy = harness_.TrialOf(job_, 1);
  ASSERT_EQ(copy.adjustments_size(), 1);
  EXPECT_EQ(copy.adjustments(0).copied_from(), 2u);
  EXPECT_EQ(copy.adjustments(0).after_epoch(), 2u);
  EXPECT_EQ(RateOf(copy.adjustments(0).replaced()), 0.1);
  EXPECT_EQ(copy.value(), 0.8) << "the weights are the donor's";
  EXPECT_EQ(copy.best_epoch(), 2u);
  EXPECT_EQ(copy.epochs(), 2u);
}

TEST_F(PbtTest, ATrialLostAtItsRungTrainsAgainWhatItsCheckpointLacks) {
  Train(assigns_[0], 0.3, "c1");
  harness_.Measure(session_, assigns_[1].id(), 1, 1, {0.7});
  harness_.Checkpoint(session_, assigns_[1].id(), 1, "c2.1");
  harness_.Measure(session_, assigns_[1].id(), 2, 2, {0.8});
  harness_.Step(SessionClosed{session_});
  harness_.Tick(absl::Seconds(21));
  EXPECT_EQ(harness_.TrialOf(job_, 2).state(), v1::Trial::PENDING);
  session_ = harness_.Connect("v");
  const v1::Assign again = harness_.TakeAssign(session_);
  EXPECT_EQ(again.id().trial(), 2u);
  EXPECT_EQ(again.from_epoch(), 1u);
  EXPECT_EQ(again.until_epoch(), 2u);
  harness_.Measure(session_, again.id(), 1, 2, {0.8});
  EXPECT_EQ(EngineHarness::StopOf(harness_.last(), session_), v1::Stop::PAUSED);
  harness_.Checkpoint(session_, again.id(), 2, "c2");
  harness_.HandBack(session_, again.id(), 1);
  const v1::Assign next = harness_.TakeAssign(session_);
  EXPECT_EQ(next.id().trial(), 1u);
  EXPECT_EQ(next.checkpoint_digest(), Digest("c2"));
}

TEST_F(PbtTest, TheJobEndsWithAllEpochsTrained) {
  Train(assigns_[0], 0.3, "c1");
  Train(assigns_[1], 0.8, "c2");
  for (const v1::Assign& assign : harness_.TakeAssigns(session_)) {
    harness_.Complete(session_, assign, 0.9);
  }
  const v1::Job job = harness_.JobOf(job_);
  EXPECT_EQ(job.state(), v1::Job::COMPLETED);
  EXPECT_EQ(job.epochs_done(), 8u);
  ASSERT_EQ(job.rungs_size(), 2);
  EXPECT_EQ(job.rungs(0).trials(), 2u);
  EXPECT_EQ(job.rungs(0).promoted(), 2u);
}

}  // namespace
}  // namespace caviar::engine
