#include "worker/train/synthetic_training.h"

#include "worker/linalg/flush_denormals.h"

namespace caviar::train {
namespace {

constexpr int kBatches = 16;  // in the random data set
constexpr float kBatchNormMomentum = 0.9f;
constexpr double kLearningRate = 1e-3;

inference::Architecture ArchitectureOf(const SyntheticTraining::Settings& settings) {
  inference::Architecture architecture;
  int inputs = settings.features;
  for (const int units : settings.hidden) {
    architecture.layers.push_back(
        {inputs, units, settings.batch_norm, settings.activation, "hidden"});
    inputs = units;
  }
  architecture.layers.push_back({inputs, settings.classes, false, {}, "output"});
  return architecture;
}

nn::Optimizer::Options OptimizerOf(nn::Optimizer::Kind kind) {
  nn::Optimizer::Options options;
  options.kind = kind;
  return options;
}

}  // namespace

SyntheticTraining::SyntheticTraining(const Settings& settings)
    : settings_(settings),
      rng_(1),
      network_({ArchitectureOf(settings), kBatchNormMomentum, settings.dropout, settings.batch}),
      optimizer_(OptimizerOf(settings.optimizer), network_.parameters().layout()),
      loss_({}, settings.batch),
      batches_(MakeRows(), settings.features, settings.batch),
      labels_(static_cast<size_t>(settings.batch)) {
  network_.Initialize(nn::Initialization::kHe, rng_);
  batches_.Shuffle(rng_);
}

data::Dataset::Part SyntheticTraining::MakeRows() {
  const int rows = settings_.batch * kBatches;
  x_.resize(static_cast<size_t>(rows) * static_cast<size_t>(settings_.features));
  for (float& v : x_) v = static_cast<float>(rng_.Normal());
  y_.resize(static_cast<size_t>(rows));
  for (int32_t& v : y_) {
    v = static_cast<int32_t>(rng_.UniformInt(static_cast<uint32_t>(settings_.classes)));
  }
  return {rows, x_, y_};
}

void SyntheticTraining::Step() {
  const linalg::FlushDenormals flush;
  const int batch = next_++ % batches_.count();
  const int rows = batches_.rows(batch);
  batches_.Gather(batch, network_.Input(rows), labels_);
  const linalg::MatrixView logits = network_.ForwardTrain(rows, rng_);
  loss_.LossAndGradient(logits, labels_);
  network_.Backward(logits);
  optimizer_.Step(kLearningRate, 1.0, network_.parameters());
}

double SyntheticTraining::flops() const {
  double sum = 0;
  for (const inference::LayerShape& layer : architecture().layers) {
    // Forward, the weights' gradient, and, except for the first layer, the input's.
    const int products = &layer == &architecture().layers.front() ? 2 : 3;
    sum += products * 2.0 * settings_.batch * layer.inputs * layer.outputs;
  }
  return sum;
}

double SyntheticTraining::bytes() const {
  const double parameters = static_cast<double>(network_.parameters().layout().trainable_end());
  double units = 0;
  for (const int hidden : settings_.hidden) units += hidden;
  // An optimizer reads value and gradient and writes the value, and reads and writes each moment.
  // Batch norm reads its input twice and writes once forward, and reads three and writes one,
  // twice, backward.
  const double traffic = 3.0 + 2.0 * nn::MomentsOf(settings_.optimizer);
  return sizeof(float) *
         (traffic * parameters + settings_.batch * (2.0 * settings_.features + 11 * units));
}

}  // namespace caviar::train
