// Training steps of a network of any shape on random rows: what the self-test and the benchmarks
// time. A step does all that a trial's does: gather, forward, loss, backward, optimizer.
//
// Threads:     not thread-safe.
// Determinism: equal settings, equal steps.
#ifndef CAVIAR_WORKER_TRAIN_SYNTHETIC_TRAINING_H_
#define CAVIAR_WORKER_TRAIN_SYNTHETIC_TRAINING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/random/rng.h"
#include "worker/inference/architecture.h"
#include "worker/linalg/activation_function.h"
#include "worker/nn/optimizer.h"
#include "worker/nn/softmax_cross_entropy.h"
#include "worker/train/mini_batches.h"
#include "worker/train/network.h"

namespace caviar::train {

class SyntheticTraining {
 public:
  struct Settings {
    int features = 64;
    std::vector<int> hidden = {64, 64};
    int classes = 10;
    int batch = 32;
    bool batch_norm = true;
    linalg::ActivationFunction activation = {linalg::ActivationFunction::Kind::kRelu, 0.01f};
    float dropout = 0.0f;
    nn::Optimizer::Kind optimizer = nn::Optimizer::Kind::kAdam;
  };

  explicit SyntheticTraining(const Settings& settings);

  void Step();

  // Floating-point operations of a step's matrix products.
  double flops() const;
  // Bytes a step cannot avoid to move: the optimizer's reads and writes, the gathered rows, and the
  // activations as batch norm passes over them.
  double bytes() const;
  const inference::Architecture& architecture() const { return network_.architecture(); }

 private:
  data::Dataset::Part MakeRows();

  Settings settings_;
  Rng rng_;
  std::vector<float> x_;
  std::vector<int32_t> y_;
  Network network_;
  nn::Optimizer optimizer_;
  nn::SoftmaxCrossEntropy loss_;
  MiniBatches batches_;
  std::vector<int32_t> labels_;
  int next_ = 0;
};

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_SYNTHETIC_TRAINING_H_
