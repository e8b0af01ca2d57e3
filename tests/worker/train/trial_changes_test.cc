// Hyperparameters that change while a trial trains.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/worker/train/same_bits.h"
#include "tests/worker/train/trial_fixture.h"
#include "worker/train/trial_trainer.h"

namespace caviar::train {
namespace {

// kEverything, but for what may change while a trial trains.
Point Changed() {
  Point point = kEverything;
  const Point changes = {{"weight_decay", Number(0.1)},
                         {"dropout", Number(0)},
                         {"learning_rate_schedule", Word("step")},
                         {"learning_rate", Number(0.003)},
                         {"step_epochs", Number(1)},
                         {"label_smoothing", Number(0.2)},
                         {"class_weights", Word("none")},
                         {"gradient_clip_norm", Number(0)},
                         {"beta1", Number(0.8)}};
  point.insert(point.end(), changes.begin(), changes.end());  // the later of two wins
  return point;
}

// kEverything, Changed() from the third epoch on, and another learning rate in the last one.
TrialConfig ChangingConfig() {
  TrialConfig config = Config(kEverything);
  config.changes.push_back({2, Config(Changed()).hyperparameters});
  config.changes.push_back({4, Config(Changed()).hyperparameters});
  config.changes.back().hyperparameters.set_learning_rate(0.02);
  return config;
}

TEST(TrialTrainerTest, SettingsThatChangeGiveTheBitsOfATrainerMadeWithThemAndACheckpoint) {
  const auto dataset = BlobDataset();
  const auto before = MakeTrainer(Config(kEverything), dataset);
  for (int e = 0; e < 2; ++e) MustTrain(*before);
  const auto after = MakeTrainer(Config(Changed()), dataset);
  ASSERT_TRUE(after->Restore(before->SaveCheckpoint()).ok());
  const auto changing = MakeTrainer(ChangingConfig(), dataset);
  for (int e = 0; e < 2; ++e) MustTrain(*changing);
  EXPECT_EQ(changing->SaveCheckpoint(), before->SaveCheckpoint());
  for (int e = 2; e < 4; ++e) ExpectSame(MustTrain(*changing), MustTrain(*after));
  EXPECT_EQ(changing->SaveCheckpoint(), after->SaveCheckpoint());
  const EpochReport last = MustTrain(*changing);
  EXPECT_NE(last.train_loss, MustTrain(*after).train_loss);
  EXPECT_NE(last.train_loss, [&] {
    const auto unchanged = MakeTrainer(Config(kEverything), dataset);
    EpochReport report;
    for (int e = 0; e < 5; ++e) report = MustTrain(*unchanged);
    return report.train_loss;
  }());
}

TEST(TrialTrainerTest, AnAdjustedTrialResumesBitIdenticallyFromEveryEpoch) {
  const auto dataset = BlobDataset();
  const auto whole = MakeTrainer(ChangingConfig(), dataset);
  const auto [reports, checkpoints] = TrainedInOneGo(*whole, 5);
  for (int from = 0; from < 5; ++from) {
    const auto resumed = MakeTrainer(ChangingConfig(), dataset);
    if (from == 3) MustTrain(*resumed);  // a restored trainer forgets where it was
    ASSERT_TRUE(resumed->Restore(checkpoints[from]).ok());
    for (int e = from; e < 5; ++e) ExpectSame(MustTrain(*resumed), reports[e]);
    EXPECT_EQ(resumed->SaveCheckpoint(), checkpoints[5]) << "from epoch " << from;
    EXPECT_EQ(*resumed->ExportModel(), *whole->ExportModel());
  }
}

TEST(TrialTrainerTest, ACancelledEpochAfterAChangeIsRepeatedWithTheNewSettings) {
  const auto dataset = BlobDataset();
  const auto trainer = MakeTrainer(ChangingConfig(), dataset);
  const auto undisturbed = MakeTrainer(ChangingConfig(), dataset);
  for (int e = 0; e < 2; ++e) ExpectSame(MustTrain(*trainer), MustTrain(*undisturbed));
  const std::atomic<bool> stop = true;
  EXPECT_EQ(trainer->TrainEpoch(stop).status().code(), absl::StatusCode::kCancelled);
  ExpectSame(MustTrain(*trainer), MustTrain(*undisturbed));
}

TEST(TrialTrainerTest, RefusesChangesOfWhatShapesTheTrial) {
  const auto refused = [](const Point& changed) {
    TrialConfig config = Config(kEverything);
    config.changes.push_back({2, Config(changed).hyperparameters});
    return std::string(TrialTrainer::Create(config, BlobDataset()).status().message());
  };
  Point point = kEverything;
  point.push_back({"batch_size", Number(32)});
  EXPECT_EQ(refused(point),
            "after epoch 2: a hyperparameter changes that cannot while a trial trains");
  EXPECT_EQ(refused(Changed()), "");
}

TEST(TrialTrainerTest, PatienceMayChangeWhileATrialTrains) {
  const auto dataset = BlobDataset();
  // It learns nothing, so that its first epoch is the best.
  const Point still = {{"learning_rate", Number(1e-30)}, {"batch_norm", Flag(false)}};
  TrialConfig config = Config(still);
  config.changes.push_back({3, config.hyperparameters});
  config.changes.back().hyperparameters.set_patience(2);
  const auto trainer = MakeTrainer(config, dataset);
  for (int e = 0; e < 2; ++e) MustTrain(*trainer);
  EXPECT_FALSE(trainer->patience_exhausted());
  MustTrain(*trainer);
  EXPECT_EQ(trainer->best_epoch(), 1);
  EXPECT_TRUE(trainer->patience_exhausted());
}

}  // namespace
}  // namespace caviar::train
