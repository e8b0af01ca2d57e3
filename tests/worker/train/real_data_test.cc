// What the trainer must reach on public data, with hyperparameters stated here. Data that does not
// ship with the repository is skipped where it is not at hand.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/data/import.h"
#include "tests/worker/train/trial_fixture.h"

namespace caviar::train {
namespace {

struct Outcome {
  double validation_accuracy = 0;  // of the best epoch
  double test_accuracy = 0;        // of its weights
};

Outcome TrainOn(const data::ImportFiles& files, const v1::ImportSettings& settings,
                const Point& point, int epochs) {
  const std::string path = ::testing::TempDir() + "/real_data_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const auto imported = data::ImportDataset(files, settings, path);
  CAVIAR_CHECK(imported.ok()) << imported.status().ToString();
  const auto dataset = data::Dataset::Open(path);
  CAVIAR_CHECK(dataset.ok()) << dataset.status().ToString();
  std::filesystem::remove(path);  // the mapping keeps it
  TrialConfig config = Config(point, epochs, 1);
  config.objective.set_metric("validation_accuracy");
  config.objective.set_direction(v1::Objective::MAXIMIZE);
  const auto trainer = MakeTrainer(config, *dataset);
  Outcome outcome;
  for (int e = 0; e < epochs; ++e) {
    const EpochReport report = MustTrain(*trainer);
    if (report.is_best) outcome.validation_accuracy = report.validation_accuracy;
  }
  outcome.test_accuracy = (**trainer->TestBest()).test_accuracy;
  return outcome;
}

data::ImportFiles SharedIdx(const std::string& folder) {
  const auto file = [&](const std::string& name) {
    return data::InputFile{CAVIAR_SOURCE_DIR "/../shared/datasets/" + folder + "/" + name, name};
  };
  return {file("train-images-idx3-ubyte.gz"), file("train-labels-idx1-ubyte.gz"),
          file("t10k-images-idx3-ubyte.gz"), file("t10k-labels-idx1-ubyte.gz")};
}

const Point kImagePoint = {
    {"hidden_layers", Number(2)},     {"hidden_units", Number(256)},
    {"learning_rate", Number(0.005)}, {"learning_rate_schedule", Word("one_cycle")},
    {"batch_size", Number(128)},      {"dropout", Number(0.2)}};

#define SKIP_WITHOUT(file)                                                        \
  if (!std::filesystem::exists((file).path)) {                                    \
    GTEST_SKIP() << "SKIPPED: the data set " << (file).path << " is not at hand"; \
  }

TEST(TrialRealDataTest, MnistReachesNinetyEightPercentOnItsTestRows) {
  const data::ImportFiles files = SharedIdx("mnist");
  SKIP_WITHOUT(files.data);
  EXPECT_GE(TrainOn(files, {}, kImagePoint, 6).test_accuracy, 0.980);
}

TEST(TrialRealDataTest, FashionMnistReachesEightyNinePercentOnItsTestRows) {
  const data::ImportFiles files = SharedIdx("fashion-mnist");
  SKIP_WITHOUT(files.data);
  EXPECT_GE(TrainOn(files, {}, kImagePoint, 8).test_accuracy, 0.890);
}

TEST(TrialRealDataTest, LetterReachesNinetySevenPercentOnItsValidationRows) {
  data::ImportFiles files;
  files.data = {CAVIAR_SOURCE_DIR "/tests/data/letter-recognition.csv.gz", "letters"};
  v1::ImportSettings settings;
  settings.set_target("Letter");
  const Outcome outcome = TrainOn(files, settings,
                                  {{"hidden_layers", Number(2)},
                                   {"hidden_units", Number(256)},
                                   {"learning_rate", Number(0.01)},
                                   {"learning_rate_schedule", Word("one_cycle")},
                                   {"batch_size", Number(64)}},
                                  10);
  EXPECT_GE(outcome.validation_accuracy, 0.970);
  EXPECT_NEAR(outcome.test_accuracy, outcome.validation_accuracy, 0.015);
}

}  // namespace
}  // namespace caviar::train
