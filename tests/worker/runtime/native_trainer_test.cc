// The built-in trainer through the runner, on a data set that the importer made.
#include "worker/runtime/native_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/data/import.h"
#include "common/file/durable_file.h"
#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/time/clock.h"
#include "tests/worker/runtime/fake_trainer.h"
#include "tests/worker/runtime/temporary_directory.h"
#include "worker/runtime/epoch_runner.h"

namespace caviar::runtime {
namespace {

using ::testing::HasSubstr;

// Keeps the losses and the newest checkpoint.
class CurveObserver : public AttemptObserver {
 public:
  void OnEpoch(const AttemptKey&, uint32_t epoch, std::vector<std::string> metrics,
               std::vector<double> values) override {
    names = std::move(metrics);
    losses.push_back(values.at(0));
    if (on_epoch) on_epoch(epoch);
  }
  void OnCheckpoint(const AttemptKey&, uint32_t, Artifact saved) override { checkpoint = saved; }
  void OnTrained(const AttemptKey&) override {}
  void OnEnd(const AttemptKey&, AttemptResult) override {}

  std::vector<std::string> names;
  std::vector<double> losses;
  Artifact checkpoint;
  std::function<void(uint32_t)> on_epoch;
};

class NativeTrainerTest : public ::testing::Test {
 protected:
  NativeTrainerTest() : artifacts_(directory_.path()) {
    std::string csv = "x,y,label\n";
    Rng rng(1);
    for (int i = 0; i < 200; ++i) {
      const double x = rng.Normal(), y = rng.Normal();
      absl::StrAppend(&csv, x, ",", y, ",", x * y > 0 ? "same" : "other", "\n");
    }
    const std::string source = absl::StrCat(directory_.path(), "/rows.csv");
    const std::string imported = absl::StrCat(directory_.path(), "/imported");
    CAVIAR_CHECK_OK(WriteFileDurably(source, csv));
    data::ImportFiles files;
    files.data.path = source;
    files.data.name = "rows.csv";
    v1::ImportSettings settings;
    settings.set_target("label");
    const auto dataset = data::ImportDataset(files, settings, imported);
    CAVIAR_CHECK_OK(dataset.status());
    assign_.set_dataset_digest(artifacts_.Add(*ReadFile(imported)));
    assign_.set_epochs(4);
    assign_.set_until_epoch(4);
    assign_.set_seed(7);
    assign_.mutable_objective()->set_metric("validation_accuracy");
    assign_.mutable_objective()->set_direction(v1::Objective::MAXIMIZE);
    SetNumber("hidden_units", 8);
  }

  void SetNumber(const std::string& name, double value) {
    (*assign_.mutable_hyperparameters()->mutable_fields())[name].set_number_value(value);
  }
  AttemptResult Run(AttemptControl& control, CurveObserver& observer) {
    EpochRunner runner(artifacts_, trainers_, clock_, {});
    return runner.Run(assign_, control, observer);
  }

  TemporaryDirectory directory_;
  FakeArtifactSource artifacts_;
  NativeTrainerFactory trainers_;
  RealClock clock_;
  v1::Assign assign_;
};

TEST_F(NativeTrainerTest, TrainsReportsAndExports) {
  AttemptControl control(4, false);
  CurveObserver observer;
  const AttemptResult result = Run(control, observer);
  ASSERT_EQ(result.end, AttemptResult::End::kCompleted) << result.reason;
  EXPECT_THAT(observer.names,
              ::testing::ElementsAre("train_loss", "train_accuracy", "validation_loss",
                                     "validation_accuracy", "validation_macro_f1", "learning_rate",
                                     "seconds"));
  EXPECT_EQ(observer.losses.size(), 4u);
  EXPECT_TRUE(result.model.has_value());
  EXPECT_TRUE(std::isfinite(result.final_metrics.at("test_loss")));
  EXPECT_TRUE(result.final_metrics.contains("test_accuracy"));
}

TEST_F(NativeTrainerTest, GoesOnBitForBitOnAnotherWorkerAfterASuspend) {
  CurveObserver undisturbed;
  {
    AttemptControl control(4, false);
    Run(control, undisturbed);
  }
  CurveObserver observer;
  {
    AttemptControl control(4, false);
    observer.on_epoch = [&control](uint32_t epoch) {
      if (epoch == 2) control.Stop(StopMode::kCheckpoint);
    };
    EXPECT_EQ(Run(control, observer).end, AttemptResult::End::kSuspended);
  }
  assign_.set_checkpoint_digest(artifacts_.Add(*observer.checkpoint.bytes));
  assign_.set_from_epoch(2);
  AttemptControl control(4, true);
  EXPECT_EQ(Run(control, observer).end, AttemptResult::End::kCompleted);
  EXPECT_EQ(observer.losses, undisturbed.losses);
}

// A change after epoch 2: given up front, as a retry gets it; or at a hand-back there.
TEST_F(NativeTrainerTest, AChangeOnTheWayEqualsAHandBackAndNewValues) {
  CurveObserver unchanged, whole, parts;
  {
    AttemptControl control(4, false);
    Run(control, unchanged);
  }
  v1::Change& change = *assign_.add_changes();
  change.set_after_epoch(2);
  (*change.mutable_set()->mutable_fields())["learning_rate"].set_number_value(0.1);
  {
    AttemptControl control(4, false);
    EXPECT_EQ(Run(control, whole).end, AttemptResult::End::kCompleted);
  }
  assign_.clear_changes();
  {
    AttemptControl control(4, false);
    parts.on_epoch = [&control](uint32_t epoch) {
      if (epoch == 2) control.Stop(StopMode::kCheckpoint);
    };
    EXPECT_EQ(Run(control, parts).end, AttemptResult::End::kSuspended);
  }
  assign_.set_checkpoint_digest(artifacts_.Add(*parts.checkpoint.bytes));
  assign_.set_from_epoch(2);
  SetNumber("learning_rate", 0.1);
  AttemptControl control(4, true);
  EXPECT_EQ(Run(control, parts).end, AttemptResult::End::kCompleted);
  EXPECT_EQ(whole.losses, parts.losses);
  EXPECT_EQ(whole.losses[1], unchanged.losses[1]);
  EXPECT_NE(whole.losses[2], unchanged.losses[2]);
}

TEST_F(NativeTrainerTest, CallsAPointOutOfRangeInfeasible) {
  SetNumber("learning_rate", -1);
  AttemptControl control(4, false);
  CurveObserver observer;
  const AttemptResult result = Run(control, observer);
  EXPECT_EQ(result.end, AttemptResult::End::kInfeasible);
  EXPECT_THAT(result.reason, HasSubstr("learning_rate"));
}

TEST_F(NativeTrainerTest, BlamesADamagedDataSetOrCheckpointNotThePoint) {
  CurveObserver observer;
  assign_.set_checkpoint_digest(artifacts_.Add("no checkpoint"));
  assign_.set_from_epoch(2);
  AttemptControl control(4, true);
  EXPECT_EQ(Run(control, observer).end, AttemptResult::End::kCannotHere);
  assign_.clear_checkpoint_digest();
  assign_.set_from_epoch(0);
  assign_.set_dataset_digest(artifacts_.Add("no data set"));
  AttemptControl other_control(4, false);
  EXPECT_EQ(Run(other_control, observer).end, AttemptResult::End::kCannotHere);
}

}  // namespace
}  // namespace caviar::runtime
