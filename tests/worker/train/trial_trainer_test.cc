#include "worker/train/trial_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "tests/worker/train/same_bits.h"
#include "tests/worker/train/trial_fixture.h"

namespace caviar::train {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(TrialTrainerTest, LearnsABlobProblemWithEveryOptimizer) {
  const std::vector<std::pair<const char*, double>> optimizers = {
      {"gradient_descent", 0.1}, {"momentum", 0.1}, {"nesterov", 0.1},
      {"rmsprop", 0.01},         {"adam", 0.01},    {"adamw", 0.01}};
  for (const auto& [optimizer, rate] : optimizers) {
    const auto trainer =
        MakeTrainer(Config({{"optimizer", Word(optimizer)}, {"learning_rate", Number(rate)}}),
                    BlobDataset(600));
    EpochReport report;
    for (int e = 0; e < 5; ++e) report = MustTrain(*trainer);
    EXPECT_GT(report.validation_accuracy, 0.75) << optimizer;
    EXPECT_GT(report.validation_macro_f1, 0.75) << optimizer;
    EXPECT_LT(report.train_loss, std::log(3)) << optimizer;
    const auto test = trainer->TestBest();
    ASSERT_TRUE(test.ok() && test->has_value());
    EXPECT_GT((*test)->test_accuracy, 0.7) << optimizer;
  }
}

TEST(TrialTrainerTest, SameSeedGivesSameBitsAndAnotherSeedDoesNot) {
  const auto dataset = BlobDataset();
  const auto a = MakeTrainer(Config(kEverything), dataset);
  const auto b = MakeTrainer(Config(kEverything), dataset);
  const auto c = MakeTrainer(Config(kEverything, 5, 8), dataset);
  for (int e = 0; e < 3; ++e) {
    const EpochReport report = MustTrain(*a);
    ExpectSame(report, MustTrain(*b));
    EXPECT_NE(report.train_loss, MustTrain(*c).train_loss);
  }
  EXPECT_EQ(a->SaveCheckpoint(), b->SaveCheckpoint());
  EXPECT_EQ(*a->ExportModel(), *b->ExportModel());
}

TEST(TrialTrainerTest, TwoTrialsAtOnceGiveTheBitsOfOneAlone) {
  const auto dataset = BlobDataset(1000);
  const auto checkpoint_of = [&] {
    const auto trainer = MakeTrainer(Config({{"hidden_units", Number(96)}}), dataset);
    for (int e = 0; e < 4; ++e) MustTrain(*trainer);
    return trainer->SaveCheckpoint();
  };
  const std::string expected = checkpoint_of();
  std::string results[2];
  std::thread threads[2];
  for (int t = 0; t < 2; ++t) threads[t] = std::thread([&, t] { results[t] = checkpoint_of(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(results[0] == expected);
  EXPECT_TRUE(results[1] == expected);
}

TEST(TrialTrainerTest, ResumedTrialContinuesBitIdenticallyFromEveryEpoch) {
  const auto dataset = BlobDataset();
  const auto whole = MakeTrainer(Config(kEverything), dataset);
  const auto [reports, checkpoints] = TrainedInOneGo(*whole, 5);
  for (int from = 0; from < 5; ++from) {
    const auto resumed = MakeTrainer(Config(kEverything), dataset);
    ASSERT_TRUE(resumed->Restore(checkpoints[from]).ok());
    EXPECT_EQ(resumed->SaveCheckpoint(), checkpoints[from]);
    for (int e = from; e < 5; ++e) ExpectSame(MustTrain(*resumed), reports[e]);
    EXPECT_EQ(resumed->SaveCheckpoint(), checkpoints[5]) << "from epoch " << from;
    EXPECT_EQ(*resumed->ExportModel(), *whole->ExportModel());
  }
}

TEST(TrialTrainerTest, ACancelledEpochLeavesTheStateOfTheLastOneAndMayBeRepeated) {
  const auto dataset = BlobDataset();
  const auto trainer = MakeTrainer(Config(kEverything), dataset);
  const auto undisturbed = MakeTrainer(Config(kEverything), dataset);
  ExpectSame(MustTrain(*trainer), MustTrain(*undisturbed));
  const std::string before = trainer->SaveCheckpoint();
  const std::atomic<bool> stop = true;
  EXPECT_EQ(trainer->TrainEpoch(stop).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(trainer->epoch(), 1);
  EXPECT_EQ(trainer->SaveCheckpoint(), before);
  ExpectSame(MustTrain(*trainer), MustTrain(*undisturbed));
}

// `stop` becomes true while an epoch runs: whatever step it hits, the state is an epoch boundary.
TEST(TrialTrainerTest, StoppingFromAnotherThreadInTheMiddleOfAnEpochRollsBack) {
  const auto trainer = MakeTrainer(Config(kEverything), BlobDataset(40000));
  const std::string before = trainer->SaveCheckpoint();
  std::atomic<bool> stop = false;
  std::thread stopper([&] { stop = true; });
  const auto report = trainer->TrainEpoch(stop);
  stopper.join();
  ASSERT_EQ(report.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(trainer->SaveCheckpoint(), before);
}

TEST(TrialTrainerTest, DivergenceIsOutOfRangeWithTheStepAndRollsBack) {
  const auto trainer = MakeTrainer(Config({{"learning_rate", Number(1000)},
                                           {"batch_norm", Flag(false)},
                                           {"optimizer", Word("gradient_descent")},
                                           {"hidden_layers", Number(3)}}),
                                   BlobDataset());
  const std::string before = trainer->SaveCheckpoint();
  const std::atomic<bool> never = false;
  absl::Status status;
  for (int e = 0; e < 50 && status.ok(); ++e) status = trainer->TrainEpoch(never).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(status.message()), HasSubstr("step "));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("epoch " + std::to_string(trainer->epoch() + 1)));
  if (trainer->epoch() == 0) {
    EXPECT_EQ(trainer->SaveCheckpoint(), before);
  }
}

TEST(TrialTrainerTest, ColumnsOfTenThousandStayFinite) {
  auto part = Blobs(120, 5, 2, 1);
  for (size_t i = 0; i < part.x.size(); i += 5) part.x[i] = 1e4f;
  const auto trainer = MakeTrainer(Config({}), MakeDataset(part, part, part, 5, 2));
  for (int e = 0; e < 3; ++e) EXPECT_TRUE(std::isfinite(MustTrain(*trainer).validation_loss));
}

TEST(TrialTrainerTest, TwoClassesWithoutHiddenLayersAreSoftmaxRegression) {
  const auto trainer =
      MakeTrainer(Config({{"hidden_layers", Number(0)}, {"learning_rate", Number(0.01)}}),
                  BlobDataset(400, 6, 2));
  EpochReport report;
  for (int e = 0; e < 20; ++e) report = MustTrain(*trainer);
  EXPECT_GT(report.validation_accuracy, 0.85);
}

TEST(TrialTrainerTest, ReportsTheRateOfTheEpochsLastStep) {
  const auto trainer = MakeTrainer(Config({{"learning_rate_schedule", Word("inverse_time")},
                                           {"decay_rate", Number(1)},
                                           {"learning_rate", Number(0.01)}}),
                                   BlobDataset());
  EXPECT_DOUBLE_EQ(MustTrain(*trainer).learning_rate, 0.01);
  EXPECT_DOUBLE_EQ(MustTrain(*trainer).learning_rate, 0.005);
}

TEST(TrialTrainerTest, BestEpochIsTheFirstStrictlyBestAndItsWeightsAreKept) {
  TrialConfig config = Config({{"learning_rate", Number(0.05)}});
  config.objective.set_metric("validation_accuracy");
  config.objective.set_direction(v1::Objective::MAXIMIZE);
  const auto dataset = BlobDataset(60);
  const auto trainer = MakeTrainer(config, dataset);
  double best = -1;
  int best_epoch = 0;
  std::string best_model;
  for (int e = 1; e <= 15; ++e) {
    const EpochReport report = MustTrain(*trainer);
    EXPECT_EQ(report.is_best, report.validation_accuracy > best);
    if (report.validation_accuracy > best) {
      best = report.validation_accuracy;
      best_epoch = e;
      best_model = *trainer->ExportModel();
    }
  }
  EXPECT_EQ(trainer->best_epoch(), best_epoch);
  EXPECT_TRUE(*trainer->ExportModel() == best_model);
  EXPECT_LT(best_epoch, 15) << "the test needs an epoch after the best one";
}

TEST(TrialTrainerTest, PatienceEndsATrialAfterThatManyEpochsWithoutABetterOne) {
  // A rate that changes no weight: the first epoch stays the best, strictly.
  const auto trainer = MakeTrainer(Config({{"patience", Number(2)},
                                           {"learning_rate", Number(1e-30)},
                                           {"batch_norm", Flag(false)},
                                           {"optimizer", Word("gradient_descent")}}),
                                   BlobDataset());
  EXPECT_FALSE(trainer->patience_exhausted());
  MustTrain(*trainer);
  EXPECT_FALSE(trainer->patience_exhausted());
  MustTrain(*trainer);
  EXPECT_FALSE(trainer->patience_exhausted());
  MustTrain(*trainer);
  EXPECT_TRUE(trainer->patience_exhausted());
  EXPECT_EQ(trainer->best_epoch(), 1);
}

TEST(TrialTrainerTest, BatchSizeBeyondTheRowsIsClampedWithAWarning) {
  const auto trainer = MakeTrainer(Config({{"batch_size", Number(4096)}}), BlobDataset(50));
  ASSERT_THAT(trainer->warnings(), SizeIs(1));
  EXPECT_THAT(trainer->warnings()[0], HasSubstr("4096 was clamped to the 50"));
  MustTrain(*trainer);
}

absl::Status CreateError(const TrialConfig& config,
                         std::shared_ptr<const data::Dataset> dataset = BlobDataset()) {
  return TrialTrainer::Create(config, std::move(dataset)).status();
}

TEST(TrialTrainerTest, SingleRowBatchesAreAnErrorWithBatchNormAlone) {
  const absl::Status status = CreateError(Config({{"batch_size", Number(1)}}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("batch_norm: false"));
  const auto trainer = MakeTrainer(Config({{"batch_size", Number(1)}, {"batch_norm", Flag(false)}}),
                                   BlobDataset(30));
  MustTrain(*trainer);
}

TEST(TrialTrainerTest, ANetTooLargeForATrialIsAnErrorNotACrash) {
  const absl::Status status =
      CreateError(Config({{"hidden_units", Number(65536)}, {"hidden_layers", Number(64)}}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("GiB"));
}

TEST(TrialTrainerTest, ValuesThatRoundToOneInSinglePrecisionAreErrors) {
  for (const char* name : {"momentum", "beta1", "dropout", "batch_norm_momentum"}) {
    const absl::Status status = CreateError(Config({{name, Number(1 - 1e-12)}}));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
  }
}

TEST(TrialTrainerTest, UnknownObjectivesAndMissingValidationRowsAreErrors) {
  TrialConfig config = Config({});
  config.objective.set_metric("test_accuracy");
  EXPECT_EQ(CreateError(config).code(), absl::StatusCode::kInvalidArgument);
  const auto no_validation = MakeDataset(Blobs(50, 4, 2, 1), {}, {}, 4, 2);
  EXPECT_EQ(CreateError(Config({}), no_validation).code(), absl::StatusCode::kInvalidArgument);
  config.objective.set_metric("train_loss");
  const auto trainer = MakeTrainer(config, no_validation);
  EXPECT_TRUE(std::isnan(MustTrain(*trainer).validation_loss));
  const auto test = trainer->TestBest();
  ASSERT_TRUE(test.ok());
  EXPECT_FALSE(test->has_value());
}

TEST(TrialTrainerTest, RestoreRefusesBrokenAndForeignCheckpointsAndChangesNothing) {
  const auto dataset = BlobDataset();
  const auto trainer = MakeTrainer(Config({}), dataset);
  MustTrain(*trainer);
  const std::string before = trainer->SaveCheckpoint();
  const auto other = MakeTrainer(Config({{"hidden_units", Number(64)}}), dataset);
  const auto slower = MakeTrainer(Config({{"optimizer", Word("momentum")}}), dataset);
  EXPECT_EQ(trainer->Restore("random bytes").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(trainer->Restore(other->SaveCheckpoint()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(trainer->Restore(slower->SaveCheckpoint()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(trainer->SaveCheckpoint(), before);
}

TEST(TrialTrainerTest, ThereIsNoModelBeforeTheFirstEpoch) {
  const auto trainer = MakeTrainer(Config({}), BlobDataset());
  EXPECT_EQ(trainer->ExportModel().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(trainer->TestBest().status().code(), absl::StatusCode::kFailedPrecondition);
}

// Whole-set statistics and moving averages describe the same network, so both must work.
TEST(TrialTrainerTest, BothKindsOfInferenceStatisticsPredictWell) {
  for (const char* kind : {"moving_average", "training_set"}) {
    const auto trainer =
        MakeTrainer(Config({{"batch_norm_inference", Word(kind)}, {"learning_rate", Number(0.01)}}),
                    BlobDataset(600));
    EpochReport report;
    for (int e = 0; e < 4; ++e) report = MustTrain(*trainer);
    EXPECT_GT(report.validation_accuracy, 0.75) << kind;
  }
}

}  // namespace
}  // namespace caviar::train
