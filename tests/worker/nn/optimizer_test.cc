// Each optimizer against its formula, computed in double by hand over several steps.
#include "worker/nn/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "common/random/rng.h"

namespace caviar::nn {
namespace {

constexpr size_t kWeights = 21, kBiases = 5;
constexpr double kRate = 0.05;

// State of one number in the formula by hand.
struct Scalar {
  double p = 0, m = 0, s = 0;
};
// One step: t from 1, g the raw gradient, whether the number is a weight.
using Formula = std::function<void(Scalar& x, double g, int t, bool is_weight)>;

void ExpectFollows(const Optimizer::Options& options, double gradient_scale,
                   const Formula& formula) {
  Parameters parameters(ParameterLayout({kWeights}, {kBiases}, {}));
  Optimizer optimizer(options, parameters.layout());
  std::vector<Scalar> expected(kWeights + kBiases);
  Rng rng(9);
  const auto value = [&](size_t i) -> float& {
    return i < kWeights ? parameters.weight(0).value[i] : parameters.other(0).value[i - kWeights];
  };
  const auto gradient = [&](size_t i) -> float& {
    return i < kWeights ? parameters.weight(0).gradient[i]
                        : parameters.other(0).gradient[i - kWeights];
  };
  for (size_t i = 0; i < expected.size(); ++i) {
    expected[i].p = value(i) = static_cast<float>(rng.Normal());
  }
  for (int t = 1; t <= 12; ++t) {
    for (size_t i = 0; i < expected.size(); ++i) {
      gradient(i) = static_cast<float>(rng.Normal());
      formula(expected[i], gradient_scale * gradient(i), t, i < kWeights);
    }
    optimizer.Step(kRate, gradient_scale, parameters);
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(value(i), expected[i].p, 3e-6 * (1 + std::abs(expected[i].p)))
          << "number " << i << " after step " << t;
    }
  }
}

TEST(OptimizerTest, GradientDescentFollowsItsFormula) {
  ExpectFollows({.kind = Optimizer::Kind::kGradientDescent, .weight_decay = 0.1}, 0.5,
                [](Scalar& x, double g, int, bool is_weight) {
                  x.p -= kRate * (g + (is_weight ? 0.1 * x.p : 0));
                });
}

TEST(OptimizerTest, MomentumFollowsTheCoursesFormula) {
  ExpectFollows({.kind = Optimizer::Kind::kMomentum, .momentum = 0.8, .weight_decay = 0.1}, 1.0,
                [](Scalar& x, double g, int, bool is_weight) {
                  g += is_weight ? 0.1 * x.p : 0;
                  x.m = 0.8 * x.m + 0.2 * g;
                  x.p -= kRate * x.m;
                });
}

TEST(OptimizerTest, NesterovLooksAheadAlongTheVelocity) {
  ExpectFollows({.kind = Optimizer::Kind::kNesterov, .momentum = 0.8}, 1.0,
                [](Scalar& x, double g, int, bool) {
                  x.m = 0.8 * x.m + 0.2 * g;
                  x.p -= kRate * (0.8 * x.m + 0.2 * g);
                });
}

TEST(OptimizerTest, RmspropFollowsItsFormula) {
  ExpectFollows({.kind = Optimizer::Kind::kRmsprop, .beta2 = 0.95, .epsilon = 1e-3}, 1.0,
                [](Scalar& x, double g, int, bool) {
                  x.s = 0.95 * x.s + 0.05 * g * g;
                  x.p -= kRate * g / (std::sqrt(x.s) + 1e-3);
                });
}

void AdamByHand(Scalar& x, double g, int t) {
  x.m = 0.9 * x.m + 0.1 * g;
  x.s = 0.99 * x.s + 0.01 * g * g;
  const double m = x.m / (1 - std::pow(0.9, t));
  const double s = x.s / (1 - std::pow(0.99, t));
  x.p -= kRate * m / (std::sqrt(s) + 1e-4);
}

TEST(OptimizerTest, AdamCorrectsItsBiasAndPutsWeightDecayIntoTheGradient) {
  ExpectFollows({.kind = Optimizer::Kind::kAdam,
                 .beta1 = 0.9,
                 .beta2 = 0.99,
                 .epsilon = 1e-4,
                 .weight_decay = 0.1},
                0.5, [](Scalar& x, double g, int t, bool is_weight) {
                  AdamByHand(x, g + (is_weight ? 0.1 * x.p : 0), t);
                });
}

TEST(OptimizerTest, AdamWDecaysWeightsOutsideTheGradient) {
  ExpectFollows({.kind = Optimizer::Kind::kAdamW,
                 .beta1 = 0.9,
                 .beta2 = 0.99,
                 .epsilon = 1e-4,
                 .weight_decay = 0.1},
                1.0, [](Scalar& x, double g, int t, bool is_weight) {
                  if (is_weight) x.p -= kRate * 0.1 * x.p;
                  AdamByHand(x, g, t);
                });
}

TEST(OptimizerTest, PaddingStaysZero) {
  for (const auto kind : {Optimizer::Kind::kMomentum, Optimizer::Kind::kRmsprop,
                          Optimizer::Kind::kAdam, Optimizer::Kind::kAdamW}) {
    Parameters parameters(ParameterLayout({kWeights}, {}, {}));
    Optimizer optimizer({.kind = kind, .weight_decay = 0.1}, parameters.layout());
    parameters.weight(0).gradient[0] = 1.0f;
    for (int t = 0; t < 3; ++t) optimizer.Step(kRate, 1.0, parameters);
    for (size_t i = kWeights; i < parameters.values().size(); ++i) {
      EXPECT_EQ(parameters.values()[i], 0.0f);
    }
  }
}

TEST(GradientClipScaleTest, ScalesDownToTheBoundAndNeverUp) {
  Parameters parameters(ParameterLayout({2}, {1}, {}));
  parameters.weight(0).gradient[0] = 3.0f;
  parameters.other(0).gradient[0] = 4.0f;
  EXPECT_DOUBLE_EQ(GradientClipScale(parameters.gradients(), 0), 1.0);
  EXPECT_DOUBLE_EQ(GradientClipScale(parameters.gradients(), 5.0), 1.0);
  EXPECT_DOUBLE_EQ(GradientClipScale(parameters.gradients(), 1.0), 0.2);
}

}  // namespace
}  // namespace caviar::nn
