// The shape of a network as its hyperparameters state it, and where each of its arrays lies in one
// flat run of values. Training and inference share this, so that what was evaluated is what
// predicts.
//
// Threads:   immutable, thread-safe.
// Ownership: LayerTensors borrow the values they were made from.
#ifndef CAVIAR_WORKER_INFERENCE_ARCHITECTURE_H_
#define CAVIAR_WORKER_INFERENCE_ARCHITECTURE_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "caviar/v1/model.pb.h"
#include "worker/linalg/activation_function.h"
#include "worker/nn/parameters.h"

namespace caviar::inference {

struct LayerShape {
  int inputs = 0;
  int outputs = 0;
  bool is_normalized = false;  // batch norm (gamma, beta, mean, variance) instead of a bias
  linalg::ActivationFunction activation;
  std::string name;  // "hidden.1", "hidden.2", … "output"
};

struct Architecture {
  std::vector<LayerShape> layers;  // hidden ones, then the output layer
  float batch_norm_epsilon = 1e-8f;

  int features() const { return layers.front().inputs; }
  int classes() const { return layers.back().outputs; }

  // kInvalidArgument for settings outside the ranges of model.proto; `hyperparameters` has its
  // defaults filled in. Requires: features >= 1, classes >= 1.
  static absl::StatusOr<Architecture> Create(const v1::Hyperparameters& hyperparameters,
                                             int features, int classes);
};

// Weight i is layer i's. A normalised layer has two of `others` (gamma, beta) and two of
// `statistics` (mean, variance); another has one of `others` (bias).
nn::ParameterLayout LayoutOf(const Architecture& architecture);

// Places of a layer's arrays in the layout's lists.
struct LayerPlaces {
  int weight = 0;
  int bias_or_gamma = 0;
  int beta = -1;
  int mean = -1;
  int variance = -1;
};
std::vector<LayerPlaces> PlacesOf(const Architecture& architecture);

// One layer's arrays: `bias` or the four of batch norm are empty.
struct LayerTensors {
  std::span<const float> weight;  // [inputs x outputs]
  std::span<const float> bias;
  std::span<const float> gamma, beta, mean, variance;
};
// Requires: values has layout.values_end() elements.
std::vector<LayerTensors> TensorsOf(const Architecture& architecture,
                                    const nn::ParameterLayout& layout,
                                    std::span<const float> values);

}  // namespace caviar::inference

#endif  // CAVIAR_WORKER_INFERENCE_ARCHITECTURE_H_
