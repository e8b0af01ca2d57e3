#include "worker/nn/softmax_cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace caviar::nn {
namespace {

using linalg::Matrix;

TEST(SoftmaxCrossEntropyTest, EqualLogitsLoseLogOfTheNumberOfClasses) {
  for (const int classes : {2, 10, 26}) {
    SoftmaxCrossEntropy layer({}, 4);
    Matrix logits(4, classes);
    const std::vector<int32_t> labels = {0, 1, 0, 1};
    const auto result = layer.LossAndGradient(logits.view(), labels);
    EXPECT_NEAR(result.loss_sum / 4, std::log(classes), 1e-6);
    EXPECT_EQ(result.correct, 2);  // equals go to the first class
  }
}

// For two classes softmax is the logistic function of the logits' difference.
TEST(SoftmaxCrossEntropyTest, TwoClassesAreLogisticRegression) {
  SoftmaxCrossEntropy layer({}, 1);
  Matrix logits(1, 2);
  logits.view().row(0)[0] = 0.3f;
  logits.view().row(0)[1] = 1.5f;
  const std::vector<int32_t> labels = {1};
  const auto result = layer.LossAndGradient(logits.view(), labels);
  const double p = 1 / (1 + std::exp(-1.2));
  EXPECT_NEAR(result.loss_sum, -std::log(p), 1e-6);
  EXPECT_NEAR(logits.view().row(0)[1], p - 1, 1e-6);
  EXPECT_NEAR(logits.view().row(0)[0], 1 - p, 1e-6);
}

TEST(SoftmaxCrossEntropyTest, StaysFiniteAtLogitsOfTenThousand) {
  SoftmaxCrossEntropy layer({0.1f, {}}, 1);
  Matrix logits(1, 10);
  for (int c = 0; c < 10; ++c) logits.view().row(0)[c] = c % 2 == 0 ? 1e4f : -1e4f;
  const std::vector<int32_t> labels = {3};
  EXPECT_TRUE(std::isfinite(layer.LossAndGradient(logits.view(), labels).loss_sum));
  for (int c = 0; c < 10; ++c) EXPECT_TRUE(std::isfinite(logits.view().row(0)[c]));
}

TEST(BalancedClassWeightsTest, AverageToOneOverTheRows) {
  const std::vector<int32_t> labels = {0, 0, 0, 0, 0, 1, 1, 2};
  const std::vector<float> weights = BalancedClassWeights(labels, 3);
  EXPECT_FLOAT_EQ(weights[0], 8.0f / 15);
  EXPECT_FLOAT_EQ(weights[1], 8.0f / 6);
  EXPECT_FLOAT_EQ(weights[2], 8.0f / 3);
  double sum = 0;
  for (const int32_t label : labels) sum += weights[label];
  EXPECT_NEAR(sum / 8, 1.0, 1e-6);
}

TEST(BalancedClassWeightsTest, AClassWithoutRowsWeighsOne) {
  const std::vector<int32_t> labels = {0, 0};
  EXPECT_FLOAT_EQ(BalancedClassWeights(labels, 2)[1], 1.0f);
}

}  // namespace
}  // namespace caviar::nn
