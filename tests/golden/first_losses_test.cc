// The first ten losses of two small networks against an independent NumPy script in double
// precision (first_losses.py, whose output first_losses.h is).
#include "tests/golden/first_losses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "worker/nn/optimizer.h"
#include "worker/nn/softmax_cross_entropy.h"
#include "worker/train/network.h"

namespace caviar {
namespace {

using linalg::ActivationFunction;

struct Recipe {
  train::Network::Options network;
  std::vector<std::vector<float>> weights;
  nn::Optimizer::Options optimizer;
  nn::SoftmaxCrossEntropy::Options loss;
  double learning_rate = 0;
  double clip_norm = 0;
};

std::vector<double> FirstLosses(const Recipe& recipe, const std::vector<int32_t>& labels,
                                size_t steps) {
  train::Network network(recipe.network);
  Rng rng(1);
  network.Initialize(nn::Initialization::kHe, rng);
  for (size_t l = 0; l < recipe.weights.size(); ++l) {
    const std::vector<float>& from = recipe.weights[l];
    std::copy(from.begin(), from.end(),
              network.parameters().weight(static_cast<int>(l)).value.begin());
  }
  nn::Optimizer optimizer(recipe.optimizer, network.parameters().layout());
  nn::SoftmaxCrossEntropy loss(recipe.loss, golden::kRows);
  std::vector<double> losses;
  for (size_t step = 0; step < steps; ++step) {
    const linalg::MatrixView x = network.Input(golden::kRows);
    for (int r = 0; r < golden::kRows; ++r) {
      std::copy_n(golden::kX.data() + r * golden::kFeatures, golden::kFeatures, x.row(r));
    }
    const linalg::MatrixView logits = network.ForwardTrain(golden::kRows, rng);
    losses.push_back(loss.LossAndGradient(logits, labels).loss_sum / golden::kRows);
    network.Backward(logits);
    const double scale = nn::GradientClipScale(network.parameters().gradients(), recipe.clip_norm);
    optimizer.Step(recipe.learning_rate, scale, network.parameters());
  }
  return losses;
}

void ExpectNear(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], 2e-5) << "step " << i + 1;
  }
}

TEST(FirstLossesTest, BatchNormReluAdamWithLabelSmoothingFollowsNumpy) {
  const ActivationFunction relu{ActivationFunction::Kind::kRelu, 0};
  Recipe a;
  a.network.architecture.layers = {
      {6, 8, true, relu, "hidden.1"}, {8, 5, true, relu, "hidden.2"}, {5, 3, false, {}, "output"}};
  a.network.architecture.batch_norm_epsilon = 1e-5f;
  a.network.batch_max = golden::kRows;
  a.weights = {golden::kWeightsA1, golden::kWeightsA2, golden::kWeightsA3};
  a.optimizer.kind = nn::Optimizer::Kind::kAdam;
  a.loss.label_smoothing = 0.1f;
  a.learning_rate = 0.02;
  ExpectNear(FirstLosses(a, golden::kLabelsA, 10), golden::kLossesA);
}

TEST(FirstLossesTest, TanhMomentumWithDecayClippingAndClassWeightsFollowsNumpy) {
  const ActivationFunction tanh{ActivationFunction::Kind::kTanh, 0};
  Recipe b;
  b.network.architecture.layers = {{6, 7, false, tanh, "hidden.1"}, {7, 2, false, {}, "output"}};
  b.network.batch_max = golden::kRows;
  b.weights = {golden::kWeightsB1, golden::kWeightsB2};
  b.optimizer.kind = nn::Optimizer::Kind::kMomentum;
  b.optimizer.momentum = 0.8;
  b.optimizer.weight_decay = 0.01;
  b.loss.class_weights = golden::kClassWeightsB;
  b.learning_rate = 0.5;
  b.clip_norm = 0.25;
  ExpectNear(FirstLosses(b, golden::kLabelsB, 10), golden::kLossesB);
}

}  // namespace
}  // namespace caviar
