#include "worker/train/training_set_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/worker/nn/reference.h"
#include "worker/train/network.h"

namespace caviar::train {
namespace {

using reference::Values;

// Each layer's statistics are those of its pre-activations over all rows, the rows having been
// normalised by the layers before with their own whole-set statistics.
TEST(TrainingSetStatisticsTest, AgreeWithADoubleReferenceLayerByLayer) {
  constexpr int kRows = 150, kFeatures = 4;
  const linalg::ActivationFunction relu{linalg::ActivationFunction::Kind::kRelu, 0};
  Network::Options options;
  options.architecture.layers = {{kFeatures, 6, true, relu, "hidden.1"},
                                 {6, 5, true, relu, "hidden.2"},
                                 {5, 3, false, {}, "output"}};
  options.batch_max = 8;
  Network network(options);
  Rng rng(1);
  network.Initialize(nn::Initialization::kHe, rng);
  const Values x = reference::RandomValues(kRows * kFeatures, 2);
  const std::vector<float> x_float(x.begin(), x.end());
  data::Dataset::Part part;
  part.rows = kRows;
  part.x = x_float;

  TrainingSetStatistics statistics(options.architecture, kRows);
  statistics.Compute(part, network.parameters());

  Values a = x;
  for (int l = 0; l < 2; ++l) {
    const auto& layer = options.architecture.layers[l];
    const std::span<float> w = network.parameters().weight(l).value;
    const Values z =
        reference::Multiply(a, Values(w.begin(), w.end()), kRows, layer.inputs, layer.outputs);
    for (int c = 0; c < layer.outputs; ++c) {
      double mean = 0, variance = 0;
      for (int r = 0; r < kRows; ++r) mean += z[r * layer.outputs + c] / kRows;
      for (int r = 0; r < kRows; ++r) {
        variance += std::pow(z[r * layer.outputs + c] - mean, 2) / kRows;
      }
      EXPECT_NEAR(network.parameters().statistic(2 * l)[c], mean, 1e-5);
      EXPECT_NEAR(network.parameters().statistic(2 * l + 1)[c], variance, 1e-5);
    }
    a = reference::BatchNorm(z, Values(layer.outputs, 1.0), Values(layer.outputs, 0.0), kRows, 1e-8,
                             relu);
  }
}

}  // namespace
}  // namespace caviar::train
