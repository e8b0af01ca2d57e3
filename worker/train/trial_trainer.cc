#include "worker/train/trial_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "worker/inference/feed_forward.h"
#include "worker/inference/model.h"
#include "worker/linalg/flush_denormals.h"
#include "worker/nn/learning_rate_schedule.h"
#include "worker/nn/optimizer.h"
#include "worker/nn/softmax_cross_entropy.h"
#include "worker/train/checkpoint.h"
#include "worker/train/evaluate.h"
#include "worker/train/hyperparameter_options.h"
#include "worker/train/mini_batches.h"
#include "worker/train/network.h"
#include "worker/train/training_set_statistics.h"

namespace caviar::train {
namespace {

using inference::Architecture;

// One trial must not take the machine down: several run at once, and a killed worker would only be
// sent the same point again.
constexpr double kMemoryBytesMax = 8.0 * (1 << 30);

// Rows of one evaluation pass: products are at full speed from here on.
constexpr int kEvaluationRows = 256;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

using MetricOfReport = double EpochReport::*;

absl::StatusOr<MetricOfReport> FindMetric(const std::string& name) {
  if (name == "train_loss") return &EpochReport::train_loss;
  if (name == "train_accuracy") return &EpochReport::train_accuracy;
  if (name == "validation_loss") return &EpochReport::validation_loss;
  if (name == "validation_accuracy") return &EpochReport::validation_accuracy;
  if (name == "validation_macro_f1") return &EpochReport::validation_macro_f1;
  return absl::InvalidArgumentError(
      absl::StrCat("unknown objective metric \"", name,
                   "\"; use train_loss, train_accuracy, validation_loss, validation_accuracy or "
                   "validation_macro_f1"));
}

bool HasBatchNorm(const Architecture& architecture) {
  return std::any_of(architecture.layers.begin(), architecture.layers.end(),
                     [](const auto& layer) { return layer.is_normalized; });
}

// Says which layout checkpoints have: equal for equal layers and optimizer.
std::string ShapeName(const Architecture& architecture, nn::Optimizer::Kind kind) {
  std::string name = absl::StrCat(architecture.features());
  for (const auto& layer : architecture.layers) {
    absl::StrAppend(&name, "-", layer.outputs, layer.is_normalized ? "n" : "");
  }
  return absl::StrCat(name, " with ", nn::MomentsOf(kind), " moments");
}

absl::Status CheckMemory(const Network::Options& network, nn::Optimizer::Kind kind,
                         double statistics_bytes) {
  double parameters = 0;
  for (const auto& layer : network.architecture.layers) {
    parameters += static_cast<double>(layer.inputs) * layer.outputs + 4.0 * layer.outputs;
  }
  // Beside the network's own: moments, the copy of both at the epoch's start, the best values.
  const double copies = 2 + 2 * nn::MomentsOf(kind);
  const double bytes =
      Network::MemoryBytes(network) + sizeof(float) * parameters * copies + statistics_bytes;
  if (bytes <= kMemoryBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "this network (", parameters, " parameters, batches of ", network.batch_max, ") would need ",
      std::ceil(bytes / (1 << 30)), " GiB; a trial may use ", kMemoryBytesMax / (1 << 30),
      "; use fewer hidden_units, hidden_layers or a smaller batch_size"));
}

std::vector<float> ClassWeightsOf(const v1::Hyperparameters& hyperparameters,
                                  const data::Dataset& dataset) {
  if (hyperparameters.class_weights() != v1::Hyperparameters::BALANCED) return {};
  return nn::BalancedClassWeights(dataset.train().labels, dataset.classes());
}

}  // namespace

struct TrialTrainer::State {
  State(const TrialConfig& trial_config, std::shared_ptr<const data::Dataset> shared_dataset,
        const Network::Options& network_options, const nn::Optimizer::Options& optimizer_options,
        const nn::LearningRateSchedule::Options& schedule_options, MiniBatches mini_batches)
      : config(trial_config),
        dataset(std::move(shared_dataset)),
        network(network_options),
        optimizer(optimizer_options, network.parameters().layout()),
        schedule(schedule_options),
        batches(std::move(mini_batches)),
        loss(LossOptions(), network_options.batch_max),
        labels(static_cast<size_t>(network_options.batch_max)),
        // The evaluation of the best epoch reads best_values, that of the current one the network.
        evaluator(network.architecture(),
                  inference::TensorsOf(network.architecture(), network.parameters().layout(),
                                       std::as_const(network).parameters().values()),
                  kEvaluationRows),
        shape(ShapeName(network.architecture(), optimizer_options.kind)),
        values_at_start(network.parameters().values().size()),
        moments_at_start(optimizer.moments().size()),
        rng(0) {
    if (config.hyperparameters.batch_norm_inference() == v1::Hyperparameters::TRAINING_SET) {
      statistics.emplace(network.architecture(), dataset->train().rows);
    }
  }

  std::span<float> values() { return network.parameters().values(); }
  std::span<const float> values() const { return network.parameters().values(); }

  nn::SoftmaxCrossEntropy::Options LossOptions() const {
    return {static_cast<float>(config.hyperparameters.label_smoothing()),
            ClassWeightsOf(config.hyperparameters, *dataset)};
  }
  // Puts settings into effect. Requires: CheckChanges accepted them.
  void Use(const v1::Hyperparameters& hyperparameters) {
    config.hyperparameters = hyperparameters;
    optimizer.set_options(OptimizerOptions(hyperparameters).value());
    schedule = nn::LearningRateSchedule(
        ScheduleOptions(hyperparameters, config.epochs, batches.count()).value());
    loss.set_options(LossOptions());
    network.set_dropout(static_cast<float>(hyperparameters.dropout()));
  }
  // Those that are due after the epochs that were trained.
  void TakeUpChanges() {
    for (; changes_taken < config.changes.size(); ++changes_taken) {
      if (config.changes[changes_taken].after_epoch > progress.epoch) return;
      Use(config.changes[changes_taken].hyperparameters);
    }
  }

  // Puts counters into effect, and back at the last epoch's end.
  void Take(const Progress& taken) {
    progress = taken;
    rng = Rng(progress.rng);
    optimizer.set_steps(progress.steps);
    network.set_batches(progress.steps);
  }
  void KeepStart() {
    std::copy(values().begin(), values().end(), values_at_start.data());
    std::copy(optimizer.moments().begin(), optimizer.moments().end(), moments_at_start.data());
  }
  void RollBack() {
    std::copy_n(values_at_start.data(), values_at_start.size(), values().data());
    std::copy_n(moments_at_start.data(), moments_at_start.size(), optimizer.moments().data());
    Take(progress);
  }

  TrialConfig config;                         // hyperparameters: those in force
  v1::Hyperparameters first_hyperparameters;  // before any of config.changes
  size_t changes_taken = 0;                   // of config.changes
  std::shared_ptr<const data::Dataset> dataset;
  Network network;
  nn::Optimizer optimizer;
  nn::LearningRateSchedule schedule;
  MiniBatches batches;
  nn::SoftmaxCrossEntropy loss;
  std::vector<int32_t> labels;
  inference::FeedForward evaluator;
  std::optional<TrainingSetStatistics> statistics;
  std::string shape;
  MetricOfReport objective = nullptr;
  std::vector<std::string> warnings;

  Progress progress;  // as of the last finished epoch
  linalg::FloatBuffer values_at_start, moments_at_start;
  linalg::FloatBuffer best_values;  // empty until there is a best epoch
  Rng rng;
};

absl::StatusOr<std::unique_ptr<TrialTrainer>> TrialTrainer::Create(
    const TrialConfig& config, std::shared_ptr<const data::Dataset> dataset) {
  const v1::Hyperparameters& hyperparameters = config.hyperparameters;
  const data::Dataset::Part& part = dataset->train();
  CAVIAR_CHECK(config.epochs >= 1);
  CAVIAR_RETURN_IF_ERROR(CheckRanges(hyperparameters));
  CAVIAR_ASSIGN_OR_RETURN(const MetricOfReport objective, FindMetric(config.objective.metric()));
  if (config.objective.direction() == v1::Objective::DIRECTION_UNSPECIFIED) {
    return absl::InvalidArgumentError("the objective's direction is not set");
  }
  if (part.rows < 1) return absl::InvalidArgumentError("the data set has no training rows");
  if (dataset->validation().rows < 1 && objective != &EpochReport::train_loss &&
      objective != &EpochReport::train_accuracy) {
    return absl::InvalidArgumentError(absl::StrCat("the objective is ", config.objective.metric(),
                                                   " but the data set has no validation rows"));
  }

  Network::Options network;
  CAVIAR_ASSIGN_OR_RETURN(
      network.architecture,
      Architecture::Create(hyperparameters, dataset->features(), dataset->classes()));
  network.batch_norm_momentum = static_cast<float>(hyperparameters.batch_norm_momentum());
  network.dropout = static_cast<float>(hyperparameters.dropout());
  const int batch_size = std::min<int>(hyperparameters.batch_size(), part.rows);
  if (batch_size < 2 && HasBatchNorm(network.architecture)) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch norm needs mini-batches of at least 2 rows, but batch_size is ",
                     hyperparameters.batch_size(), " and there are ", part.rows,
                     " training rows; raise batch_size or set batch_norm: false"));
  }
  MiniBatches batches(part, dataset->features(), batch_size);
  network.batch_max = batches.rows_max();

  CAVIAR_ASSIGN_OR_RETURN(const nn::Optimizer::Options optimizer,
                          OptimizerOptions(hyperparameters));
  CAVIAR_ASSIGN_OR_RETURN(const nn::LearningRateSchedule::Options schedule,
                          ScheduleOptions(hyperparameters, config.epochs, batches.count()));
  CAVIAR_ASSIGN_OR_RETURN(const nn::Initialization initialization,
                          InitializationOf(hyperparameters));
  const double statistics_bytes =
      hyperparameters.batch_norm_inference() == v1::Hyperparameters::TRAINING_SET
          ? TrainingSetStatistics::MemoryBytes(network.architecture, part.rows)
          : 0.0;
  CAVIAR_RETURN_IF_ERROR(CheckMemory(network, optimizer.kind, statistics_bytes));
  CAVIAR_RETURN_IF_ERROR(CheckChanges(hyperparameters, config.changes, config.epochs));

  auto state = std::make_unique<State>(config, std::move(dataset), network, optimizer, schedule,
                                       std::move(batches));
  state->objective = objective;
  if (batch_size < hyperparameters.batch_size()) {
    state->warnings.push_back(absl::StrCat("batch_size ", hyperparameters.batch_size(),
                                           " was clamped to the ", batch_size, " training rows"));
  }
  Rng initial(DeriveSeed(config.seed, "initialization"));
  state->network.Initialize(initialization, initial);
  Progress progress;
  progress.rng = Rng(DeriveSeed(config.seed, "training")).state();
  state->Take(progress);
  state->first_hyperparameters = hyperparameters;
  state->TakeUpChanges();
  return std::unique_ptr<TrialTrainer>(new TrialTrainer(std::move(state)));
}

TrialTrainer::TrialTrainer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrialTrainer::~TrialTrainer() = default;

int TrialTrainer::epoch() const { return state_->progress.epoch; }
int TrialTrainer::best_epoch() const { return state_->progress.best_epoch; }
const std::vector<std::string>& TrialTrainer::warnings() const { return state_->warnings; }

bool TrialTrainer::patience_exhausted() const {
  const int patience = state_->config.hyperparameters.patience();
  const Progress& progress = state_->progress;
  return patience > 0 && progress.epoch - progress.best_epoch >= patience;
}

absl::Status TrialTrainer::Restore(absl::string_view checkpoint_bytes) {
  State& s = *state_;
  CAVIAR_ASSIGN_OR_RETURN(
      const Checkpoint checkpoint,
      DecodeCheckpoint(checkpoint_bytes, s.shape, s.values().size(), s.optimizer.moments().size()));
  std::copy(checkpoint.values.begin(), checkpoint.values.end(), s.values().data());
  std::copy(checkpoint.moments.begin(), checkpoint.moments.end(), s.optimizer.moments().data());
  s.best_values = linalg::FloatBuffer(checkpoint.best_values.size());
  std::copy(checkpoint.best_values.begin(), checkpoint.best_values.end(), s.best_values.data());
  s.Take(checkpoint.progress);
  s.changes_taken = 0;
  s.Use(s.first_hyperparameters);
  s.TakeUpChanges();
  return absl::OkStatus();
}

std::string TrialTrainer::SaveCheckpoint() const {
  const State& s = *state_;
  return EncodeCheckpoint(s.shape, s.progress, s.values(), std::as_const(s.optimizer).moments(),
                          s.best_values.span());
}

absl::StatusOr<EpochReport> TrialTrainer::TrainEpoch(const std::atomic<bool>& stop) {
  const linalg::FlushDenormals flush;
  const auto start = std::chrono::steady_clock::now();
  state_->KeepStart();
  EpochReport report;
  report.epoch = state_->progress.epoch + 1;
  absl::Status status = RunSteps(stop, report);
  if (status.ok()) status = FinishEpoch(report);
  if (!status.ok()) {
    state_->RollBack();
    return status;
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

absl::Status TrialTrainer::RunSteps(const std::atomic<bool>& stop, EpochReport& report) {
  State& s = *state_;
  s.batches.Shuffle(s.rng);
  for (int batch = 0; batch < s.batches.count(); ++batch) {
    if (stop.load(std::memory_order_relaxed)) {
      return absl::CancelledError(
          absl::StrCat("stopped at step ", batch + 1, " of epoch ", report.epoch));
    }
    CAVIAR_RETURN_IF_ERROR(RunStep(batch, report));
  }
  const double rows = s.dataset->train().rows;
  report.train_loss /= rows;
  report.train_accuracy /= rows;
  return absl::OkStatus();
}

// Adds the mini-batch's loss and hits to the report; allocates nothing unless it fails.
absl::Status TrialTrainer::RunStep(int batch, EpochReport& report) {
  State& s = *state_;
  const int rows = s.batches.rows(batch);
  const std::span<int32_t> labels = std::span(s.labels).first(static_cast<size_t>(rows));
  s.batches.Gather(batch, s.network.Input(rows), labels);

  const linalg::MatrixView logits = s.network.ForwardTrain(rows, s.rng);
  const nn::SoftmaxCrossEntropy::Result result = s.loss.LossAndGradient(logits, labels);
  if (!std::isfinite(result.loss_sum)) {
    return absl::OutOfRangeError(absl::StrCat("the training loss became ", result.loss_sum,
                                              " at step ", batch + 1, " of epoch ", report.epoch));
  }
  report.train_loss += result.loss_sum;
  report.train_accuracy += result.correct;

  s.network.Backward(logits);
  const double scale = nn::GradientClipScale(s.network.parameters().gradients(),
                                             s.config.hyperparameters.gradient_clip_norm());
  report.learning_rate = s.schedule.At(s.optimizer.steps());
  s.optimizer.Step(report.learning_rate, scale, s.network.parameters());
  return absl::OkStatus();
}

absl::Status TrialTrainer::FinishEpoch(EpochReport& report) {
  State& s = *state_;
  if (s.statistics) s.statistics->Compute(s.dataset->train(), s.network.parameters());
  report.validation_loss = report.validation_accuracy = report.validation_macro_f1 = kNan;
  if (s.dataset->validation().rows > 0) {
    s.evaluator.Refresh();
    const Evaluation validation =
        Evaluate(s.evaluator, s.dataset->validation(), s.dataset->features(), s.dataset->classes());
    if (!std::isfinite(validation.loss)) {
      return absl::OutOfRangeError(absl::StrCat("the validation loss became ", validation.loss,
                                                " after step ", s.batches.count(), " of epoch ",
                                                report.epoch));
    }
    report.validation_loss = validation.loss;
    report.validation_accuracy = validation.accuracy;
    report.validation_macro_f1 = validation.macro_f1;
  }
  s.progress.epoch = report.epoch;
  s.progress.steps = s.optimizer.steps();
  s.progress.rng = s.rng.state();
  KeepIfBest(report);
  s.TakeUpChanges();
  return absl::OkStatus();
}

void TrialTrainer::KeepIfBest(EpochReport& report) {
  State& s = *state_;
  const double value = report.*s.objective;
  const bool maximize = s.config.objective.direction() == v1::Objective::MAXIMIZE;
  report.is_best = s.progress.best_epoch == 0 ||
                   (maximize ? value > s.progress.best_value : value < s.progress.best_value);
  if (!report.is_best) return;
  s.progress.best_epoch = report.epoch;
  s.progress.best_value = value;
  if (s.best_values.size() == 0) s.best_values = linalg::FloatBuffer(s.values().size());
  std::copy(s.values().begin(), s.values().end(), s.best_values.data());
}

absl::StatusOr<std::string> TrialTrainer::ExportModel() const {
  const State& s = *state_;
  if (s.progress.best_epoch == 0) {
    return absl::FailedPreconditionError("no epoch has been finished, so there is no model yet");
  }
  return inference::EncodeModel(s.network.architecture(), s.best_values.span(),
                                s.config.hyperparameters, s.dataset->preprocessing());
}

absl::StatusOr<std::optional<TestMetrics>> TrialTrainer::TestBest() {
  State& s = *state_;
  if (s.progress.best_epoch == 0) {
    return absl::FailedPreconditionError("no epoch has been finished, so there is nothing to test");
  }
  if (s.dataset->test().rows == 0) return std::optional<TestMetrics>();
  const linalg::FlushDenormals flush;
  inference::FeedForward best(
      s.network.architecture(),
      inference::TensorsOf(s.network.architecture(), s.network.parameters().layout(),
                           std::as_const(s.best_values).span()),
      kEvaluationRows);
  const Evaluation test =
      Evaluate(best, s.dataset->test(), s.dataset->features(), s.dataset->classes());
  return std::optional<TestMetrics>(TestMetrics{test.loss, test.accuracy});
}

}  // namespace caviar::train
