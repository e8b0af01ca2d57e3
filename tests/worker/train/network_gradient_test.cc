// Gradients of whole networks against central differences of the same network in double.
#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/nn/reference.h"
#include "worker/nn/softmax_cross_entropy.h"
#include "worker/train/network.h"

namespace caviar::train {
namespace {

using inference::Architecture;
using linalg::ActivationFunction;
using reference::Values;
using Kind = ActivationFunction::Kind;

constexpr int kRows = 12, kFeatures = 5, kClasses = 4;

Architecture MakeArchitecture(std::vector<int> hidden, bool normalize, bool normalize_output,
                              Kind kind) {
  Architecture architecture;
  architecture.batch_norm_epsilon = 1e-3f;
  int inputs = kFeatures;
  for (const int units : hidden) {
    architecture.layers.push_back({inputs, units, normalize, {kind, 0.25f}, "hidden"});
    inputs = units;
  }
  architecture.layers.push_back({inputs, kClasses, normalize_output, {}, "output"});
  return architecture;
}

// J of the network with the trainable values laid out as in Parameters.
double ReferenceLoss(const Architecture& architecture, const nn::ParameterLayout& layout,
                     const Values& values, const Values& x, const std::vector<int32_t>& labels) {
  const std::vector<inference::LayerPlaces> places = inference::PlacesOf(architecture);
  const auto part = [&](size_t offset, size_t size) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(offset);
    return Values(first, first + static_cast<std::ptrdiff_t>(size));
  };
  const auto other = [&](int i) { return part(layout.other_offset(i), layout.other_size(i)); };
  Values a = x;
  for (size_t l = 0; l < places.size(); ++l) {
    const inference::LayerShape& layer = architecture.layers[l];
    const int weight = places[l].weight;
    a = reference::Multiply(a, part(layout.weight_offset(weight), layout.weight_size(weight)),
                            kRows, layer.inputs, layer.outputs);
    const Values first = other(places[l].bias_or_gamma);
    a = layer.is_normalized
            ? reference::BatchNorm(a, first, other(places[l].beta), kRows,
                                   static_cast<double>(architecture.batch_norm_epsilon),
                                   layer.activation)
            : reference::BiasActivate(a, first, kRows, layer.activation);
  }
  return reference::CrossEntropy(a, labels, kClasses, 0.125, {});
}

void ExpectGradientsAgree(const Architecture& architecture) {
  Network::Options options;
  options.architecture = architecture;
  options.batch_max = kRows + 3;  // buffers larger than the batch
  Network network(options);
  Rng rng(3);
  network.Initialize(nn::Initialization::kXavier, rng);
  const nn::ParameterLayout& layout = network.parameters().layout();
  // Away from gamma = 1, beta = 0; padding stays zero.
  for (int i = 0; i < static_cast<int>(inference::PlacesOf(architecture).size()); ++i) {
    for (float& v : network.parameters().other(i).value) {
      v = static_cast<float>(v + 0.3 * rng.Normal());
    }
  }
  const Values x = reference::RandomValues(kRows * kFeatures, 5);
  std::vector<int32_t> labels;
  for (int r = 0; r < kRows; ++r) labels.push_back(r % kClasses);

  reference::CopyTo(x, network.Input(kRows));
  nn::SoftmaxCrossEntropy loss({0.125f, {}}, kRows);
  const linalg::MatrixView logits = network.ForwardTrain(kRows, rng);
  const double actual_loss = loss.LossAndGradient(logits, labels).loss_sum / kRows;
  network.Backward(logits);

  Values values(network.parameters().values().begin(), network.parameters().values().end());
  EXPECT_NEAR(actual_loss, ReferenceLoss(architecture, layout, values, x, labels), 1e-5);
  const Values expected = reference::CentralDifferences(
      [&](const Values& v) { return ReferenceLoss(architecture, layout, v, x, labels); }, values);
  const std::span<const float> actual = network.parameters().gradients();
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 2e-5) << "value " << i;
  }
}

TEST(NetworkGradientTest, AgreesWithCentralDifferencesForEveryActivationWithAndWithoutBatchNorm) {
  for (const Kind kind : {Kind::kRelu, Kind::kLeakyRelu, Kind::kTanh, Kind::kSigmoid}) {
    for (const bool normalize : {false, true}) {
      ExpectGradientsAgree(MakeArchitecture({7, 18, 6}, normalize, false, kind));
    }
  }
}

TEST(NetworkGradientTest, AgreesWithBatchNormOnTheOutputLayer) {
  ExpectGradientsAgree(MakeArchitecture({7, 6}, true, true, Kind::kRelu));
  ExpectGradientsAgree(MakeArchitecture({7}, false, true, Kind::kTanh));
}

TEST(NetworkGradientTest, AgreesForSoftmaxRegressionWithoutHiddenLayers) {
  ExpectGradientsAgree(MakeArchitecture({}, true, false, Kind::kRelu));
  ExpectGradientsAgree(MakeArchitecture({}, false, true, Kind::kRelu));
}

}  // namespace
}  // namespace caviar::train
