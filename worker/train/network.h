// A network that learns: hidden blocks Dense -> BatchNorm or bias -> activation -> dropout, then
// Dense -> BatchNorm or bias, whose outputs are the logits.
//
// Threads:     not thread-safe; belongs to one training loop.
// Ownership:   owns parameters, gradients and all activations; views it hands out are valid until
//              the next call that says it overwrites them.
// Shapes:      [rows x features] in, [rows x classes] out, rows <= batch_max.
// Errors:      a wrong shape aborts.
// Determinism: as nn's layers. No call allocates memory except the constructor.
#ifndef CAVIAR_WORKER_TRAIN_NETWORK_H_
#define CAVIAR_WORKER_TRAIN_NETWORK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "common/random/rng.h"
#include "worker/inference/architecture.h"
#include "worker/linalg/matrix.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/bias_activation.h"
#include "worker/nn/dense.h"
#include "worker/nn/parameters.h"

namespace caviar::train {

class Network {
 public:
  struct Options {
    inference::Architecture architecture;
    float batch_norm_momentum = 0.9f;
    float dropout = 0.0f;  // of every hidden layer; 0 is off
    int batch_max = 1;     // most rows of a mini-batch
  };

  explicit Network(const Options& options);
  // Layers point into it.
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Bytes a Network of these options holds, in double so that nothing overflows.
  static double MemoryBytes(const Options& options);

  void Initialize(nn::Initialization initialization, Rng& rng);

  // Where the caller puts a mini-batch's rows before ForwardTrain().
  linalg::MatrixView Input(int rows) { return input_.Rows(rows); }

  // The logits of the first `rows` rows of Input(). `rng` draws the dropout masks.
  linalg::MatrixView ForwardTrain(int rows, Rng& rng);

  // Fills all gradients from dJ/dlogits of the latest ForwardTrain(), which it overwrites.
  void Backward(linalg::MatrixView d_logits);

  nn::Parameters& parameters() { return parameters_; }
  const nn::Parameters& parameters() const { return parameters_; }
  const inference::Architecture& architecture() const { return options_.architecture; }

  // Of every hidden layer, from the next ForwardTrain() on; 0 is off.
  void set_dropout(float dropout);

  // Mini-batches folded into the moving averages, for a restored network.
  void set_batches(int64_t batches);

 private:
  struct Layer {
    nn::Dense dense;
    std::optional<nn::BatchNorm> norm;  // exactly one of norm and bias
    std::optional<nn::BiasActivation> bias;
    float dropout;     // rate
    linalg::Matrix z;  // Dense's output; also the layer's, where there is no norm
    linalg::Matrix y;  // after norm, activation and dropout
    linalg::MatrixView Output(int rows);
  };

  Layer MakeLayer(int index, const inference::LayerPlaces& places);

  Options options_;
  nn::Parameters parameters_;
  linalg::Matrix input_;
  std::vector<Layer> layers_;
  linalg::ScratchMatrix d_[2];
};

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_NETWORK_H_
