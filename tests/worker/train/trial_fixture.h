// Small classification problems and trial configurations for tests.
#ifndef CAVIAR_TESTS_WORKER_TRAIN_TRIAL_FIXTURE_H_
#define CAVIAR_TESTS_WORKER_TRAIN_TRIAL_FIXTURE_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/data/dataset.h"
#include "common/hyperparameters/hyperparameters.h"
#include "common/random/rng.h"
#include "common/status/check.h"
#include "worker/train/trial_trainer.h"

namespace caviar::train {

// Each class is a Gaussian around its own centre.
inline data::Dataset::OwnedPart Blobs(int rows, int features, int classes, uint64_t seed) {
  Rng rng(seed);
  data::Dataset::OwnedPart part;
  for (int r = 0; r < rows; ++r) {
    const auto label = static_cast<int32_t>(rng.UniformInt(static_cast<uint32_t>(classes)));
    part.labels.push_back(label);
    for (int f = 0; f < features; ++f) {
      part.x.push_back(static_cast<float>(rng.Normal() + (f % classes == label ? 1.0 : 0.0)));
    }
  }
  return part;
}

inline std::shared_ptr<const data::Dataset> MakeDataset(data::Dataset::OwnedPart train,
                                                        data::Dataset::OwnedPart validation,
                                                        data::Dataset::OwnedPart test, int features,
                                                        int classes) {
  v1::Preprocessing preprocessing;
  preprocessing.set_features(static_cast<uint32_t>(features));
  for (int c = 0; c < classes; ++c) preprocessing.add_classes("class " + std::to_string(c));
  return data::Dataset::FromMemory(std::move(train), std::move(validation), std::move(test),
                                   preprocessing);
}

inline std::shared_ptr<const data::Dataset> BlobDataset(int train_rows = 200, int features = 11,
                                                        int classes = 3) {
  return MakeDataset(Blobs(train_rows, features, classes, 1), Blobs(90, features, classes, 2),
                     Blobs(80, features, classes, 3), features, classes);
}

// Values as in a job file; words as strings.
using Point = std::vector<std::pair<std::string, google::protobuf::Value>>;

inline google::protobuf::Value Number(double v) {
  google::protobuf::Value value;
  value.set_number_value(v);
  return value;
}
inline google::protobuf::Value Word(const std::string& v) {
  google::protobuf::Value value;
  value.set_string_value(v);
  return value;
}
inline google::protobuf::Value Flag(bool v) {
  google::protobuf::Value value;
  value.set_bool_value(v);
  return value;
}

inline TrialConfig Config(const Point& point, int epochs = 5, uint64_t seed = 7) {
  google::protobuf::Struct values;
  for (const auto& [name, value] : point) (*values.mutable_fields())[name] = value;
  const auto hyperparameters = HyperparametersFromPoint(values);
  CAVIAR_CHECK(hyperparameters.ok()) << hyperparameters.status().ToString();
  TrialConfig config;
  config.hyperparameters = *hyperparameters;
  config.seed = seed;
  config.epochs = epochs;
  config.objective.set_metric("validation_loss");
  config.objective.set_direction(v1::Objective::MINIMIZE);
  return config;
}

inline std::unique_ptr<TrialTrainer> MakeTrainer(const TrialConfig& config,
                                                 std::shared_ptr<const data::Dataset> dataset) {
  auto trainer = TrialTrainer::Create(config, std::move(dataset));
  CAVIAR_CHECK(trainer.ok()) << trainer.status().ToString();
  return *std::move(trainer);
}

inline EpochReport MustTrain(TrialTrainer& trainer) {
  const std::atomic<bool> never = false;
  const auto report = trainer.TrainEpoch(never);
  CAVIAR_CHECK(report.ok()) << report.status().ToString();
  return *report;
}

}  // namespace caviar::train

#endif  // CAVIAR_TESTS_WORKER_TRAIN_TRIAL_FIXTURE_H_
