#include "worker/runtime/native_trainer.h"

#include <atomic>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/hyperparameters/hyperparameters.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "worker/runtime/attempt.h"
#include "worker/train/trial_trainer.h"

namespace caviar::runtime {
namespace {

class NativeTrainer : public EpochTrainer {
 public:
  explicit NativeTrainer(std::unique_ptr<train::TrialTrainer> trainer)
      : trainer_(std::move(trainer)) {}

  absl::StatusOr<EpochMetrics> TrainEpoch(std::stop_token stop) override {
    std::atomic<bool> is_stopped = false;
    const std::stop_callback on_stop(stop, [&is_stopped] { is_stopped = true; });
    CAVIAR_ASSIGN_OR_RETURN(const train::EpochReport report, trainer_->TrainEpoch(is_stopped));
    return EpochMetrics{{"train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
                         "validation_macro_f1", "learning_rate", "seconds"},
                        {report.train_loss, report.train_accuracy, report.validation_loss,
                         report.validation_accuracy, report.validation_macro_f1,
                         report.learning_rate, report.seconds}};
  }
  uint32_t epoch() const override { return trainer_->epoch(); }
  bool patience_exhausted() const override { return trainer_->patience_exhausted(); }
  absl::StatusOr<std::string> SaveCheckpoint() const override { return trainer_->SaveCheckpoint(); }
  absl::StatusOr<std::string> ExportModel() const override { return trainer_->ExportModel(); }
  absl::StatusOr<std::map<std::string, double>> TestBest() override {
    CAVIAR_ASSIGN_OR_RETURN(const std::optional<train::TestMetrics> test, trainer_->TestBest());
    std::map<std::string, double> metrics;
    if (test) metrics = {{"test_loss", test->test_loss}, {"test_accuracy", test->test_accuracy}};
    return metrics;
  }

 private:
  std::unique_ptr<train::TrialTrainer> trainer_;
};

// What the trial is trained with, and how that changes on the way.
absl::StatusOr<train::TrialConfig> ConfigOf(const v1::Assign& assign) {
  train::TrialConfig config;
  google::protobuf::Struct values = assign.hyperparameters();
  CAVIAR_ASSIGN_OR_RETURN(config.hyperparameters, HyperparametersFromPoint(values));
  for (const v1::Change& change : assign.changes()) {
    for (const auto& [name, value] : change.set().fields()) {
      (*values.mutable_fields())[name] = value;
    }
    train::SettingsChange& settings = config.changes.emplace_back();
    settings.after_epoch = static_cast<int>(change.after_epoch());
    CAVIAR_ASSIGN_OR_RETURN(settings.hyperparameters, HyperparametersFromPoint(values));
  }
  config.seed = assign.seed();
  config.epochs = static_cast<int>(assign.epochs());
  config.objective = assign.objective();
  return config;
}

// The same words, but not the point's fault.
absl::Status AsDataLoss(absl::string_view what, const absl::Status& status) {
  return absl::DataLossError(absl::StrCat("cannot read ", what, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const data::Dataset>> NativeTrainerFactory::OpenDataset(
    const std::string& digest, const std::string& path) {
  MutexLock lock(&mutex_);
  std::erase_if(datasets_, [](const auto& entry) { return entry.second.expired(); });
  if (auto open = datasets_[digest].lock()) return open;
  absl::StatusOr<std::shared_ptr<const data::Dataset>> dataset = data::Dataset::Open(path);
  if (!dataset.ok()) return AsDataLoss(absl::StrCat("data set ", digest), dataset.status());
  datasets_[digest] = *dataset;
  return dataset;
}

absl::StatusOr<std::unique_ptr<EpochTrainer>> NativeTrainerFactory::Create(
    const v1::Assign& assign, const std::string& dataset_path,
    const std::optional<std::string>& checkpoint) {
  CAVIAR_ASSIGN_OR_RETURN(const train::TrialConfig config, ConfigOf(assign));
  CAVIAR_ASSIGN_OR_RETURN(std::shared_ptr<const data::Dataset> dataset,
                          OpenDataset(assign.dataset_digest(), dataset_path));
  CAVIAR_ASSIGN_OR_RETURN(std::unique_ptr<train::TrialTrainer> trainer,
                          train::TrialTrainer::Create(config, std::move(dataset)));
  for (const std::string& warning : trainer->warnings()) {
    LogWarning(absl::StrCat(ToString(KeyOf(assign.id())), ": ", warning));
  }
  if (checkpoint) {
    if (const absl::Status status = trainer->Restore(*checkpoint); !status.ok()) {
      return AsDataLoss(absl::StrCat("checkpoint ", assign.checkpoint_digest()), status);
    }
  }
  return std::make_unique<NativeTrainer>(std::move(trainer));
}

}  // namespace caviar::runtime
