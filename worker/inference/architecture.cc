#include "worker/inference/architecture.h"

#include "absl/strings/str_cat.h"
#include "common/hyperparameters/hyperparameters.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::inference {
namespace {

using linalg::ActivationFunction;

absl::StatusOr<ActivationFunction> HiddenActivation(const v1::Hyperparameters& hyperparameters) {
  ActivationFunction f;
  f.leaky_slope = static_cast<float>(hyperparameters.leaky_slope());
  switch (hyperparameters.activation()) {
    case v1::Hyperparameters::RELU:
      f.kind = ActivationFunction::Kind::kRelu;
      return f;
    case v1::Hyperparameters::LEAKY_RELU:
      f.kind = ActivationFunction::Kind::kLeakyRelu;
      return f;
    case v1::Hyperparameters::TANH:
      f.kind = ActivationFunction::Kind::kTanh;
      return f;
    case v1::Hyperparameters::SIGMOID:
      f.kind = ActivationFunction::Kind::kSigmoid;
      return f;
    default:
      return absl::InvalidArgumentError("activation is not set");
  }
}

// A model file may say anything, and memory is taken by it.
absl::Status CheckNumber(absl::string_view hyperparameter, absl::string_view shown, double number) {
  google::protobuf::Value value;
  value.set_number_value(number);
  absl::Status checked = CheckHyperparameterValue(*FindHyperparameter(hyperparameter), value);
  if (checked.ok()) return checked;
  return absl::InvalidArgumentError(absl::StrCat(shown, ": ", checked.message()));
}

}  // namespace

absl::StatusOr<Architecture> Architecture::Create(const v1::Hyperparameters& hyperparameters,
                                                  int features, int classes) {
  CAVIAR_CHECK(features >= 1 && classes >= 1);
  CAVIAR_ASSIGN_OR_RETURN(const ActivationFunction activation, HiddenActivation(hyperparameters));
  CAVIAR_RETURN_IF_ERROR(
      CheckNumber("hidden_layers", "hidden_layers", hyperparameters.hidden_layers()));
  CAVIAR_RETURN_IF_ERROR(CheckNumber("batch_norm_epsilon", "batch_norm_epsilon",
                                     hyperparameters.batch_norm_epsilon()));
  Architecture architecture;
  architecture.batch_norm_epsilon = static_cast<float>(hyperparameters.batch_norm_epsilon());
  int inputs = features;
  for (int layer = 1; layer <= hyperparameters.hidden_layers(); ++layer) {
    const auto& own = hyperparameters.hidden_units_of_layer();
    const auto found = own.find(layer);
    const int units = found == own.end() ? hyperparameters.hidden_units() : found->second;
    CAVIAR_RETURN_IF_ERROR(
        CheckNumber("hidden_units", absl::StrCat("hidden_units of layer ", layer), units));
    architecture.layers.push_back(
        {inputs, units, hyperparameters.batch_norm(), activation, absl::StrCat("hidden.", layer)});
    inputs = units;
  }
  architecture.layers.push_back(
      {inputs, classes, hyperparameters.batch_norm_output(), ActivationFunction{}, "output"});
  return architecture;
}

nn::ParameterLayout LayoutOf(const Architecture& architecture) {
  std::vector<size_t> weights, others, statistics;
  for (const LayerShape& layer : architecture.layers) {
    const auto outputs = static_cast<size_t>(layer.outputs);
    weights.push_back(static_cast<size_t>(layer.inputs) * outputs);
    others.push_back(outputs);
    if (layer.is_normalized) {
      others.push_back(outputs);
      statistics.insert(statistics.end(), {outputs, outputs});
    }
  }
  return nn::ParameterLayout(std::move(weights), std::move(others), std::move(statistics));
}

std::vector<LayerPlaces> PlacesOf(const Architecture& architecture) {
  std::vector<LayerPlaces> places;
  int others = 0, statistics = 0;
  for (const LayerShape& layer : architecture.layers) {
    LayerPlaces& place = places.emplace_back();
    place.weight = static_cast<int>(places.size()) - 1;
    place.bias_or_gamma = others++;
    if (!layer.is_normalized) continue;
    place.beta = others++;
    place.mean = statistics++;
    place.variance = statistics++;
  }
  return places;
}

std::vector<LayerTensors> TensorsOf(const Architecture& architecture,
                                    const nn::ParameterLayout& layout,
                                    std::span<const float> values) {
  CAVIAR_CHECK(values.size() == layout.values_end());
  const auto other = [&](int i) {
    return values.subspan(layout.other_offset(i), layout.other_size(i));
  };
  const auto statistic = [&](int i) {
    return values.subspan(layout.statistic_offset(i), layout.statistic_size(i));
  };
  std::vector<LayerTensors> tensors;
  for (const LayerPlaces& place : PlacesOf(architecture)) {
    LayerTensors& layer = tensors.emplace_back();
    layer.weight =
        values.subspan(layout.weight_offset(place.weight), layout.weight_size(place.weight));
    if (place.beta < 0) {
      layer.bias = other(place.bias_or_gamma);
    } else {
      layer.gamma = other(place.bias_or_gamma);
      layer.beta = other(place.beta);
      layer.mean = statistic(place.mean);
      layer.variance = statistic(place.variance);
    }
  }
  return tensors;
}

}  // namespace caviar::inference
