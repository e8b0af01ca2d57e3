// Every layer's and loss's backward pass against central differences of a double reference.
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/worker/nn/reference.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/bias_activation.h"
#include "worker/nn/dense.h"
#include "worker/nn/parameters.h"
#include "worker/nn/softmax_cross_entropy.h"

namespace caviar::nn {
namespace {

using linalg::ActivationFunction;
using linalg::Matrix;
using linalg::MatrixView;
using reference::CentralDifferences;
using reference::Project;
using reference::RandomValues;
using reference::Values;
using Kind = ActivationFunction::Kind;

constexpr Kind kKinds[] = {Kind::kIdentity, Kind::kRelu, Kind::kLeakyRelu, Kind::kTanh,
                           Kind::kSigmoid};
constexpr float kSlope = 0.125f;

std::vector<std::pair<Kind, float>> KindsAndRates() {
  std::vector<std::pair<Kind, float>> pairs;
  for (const Kind kind : kKinds) {
    for (const float rate : {0.0f, 0.4f}) pairs.emplace_back(kind, rate);
  }
  return pairs;
}

double Largest(const Values& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

void ExpectGradient(linalg::ConstMatrixView actual, const Values& expected, const char* what) {
  const double tolerance = 2e-5 * (1 + Largest(expected));
  for (int r = 0; r < actual.rows; ++r) {
    for (int c = 0; c < actual.cols; ++c) {
      ASSERT_NEAR(actual.row(r)[c], expected[static_cast<size_t>(r) * actual.cols + c], tolerance)
          << what << " at " << r << ", " << c;
    }
  }
}

void ExpectGradient(std::span<const float> actual, const Values& expected, const char* what) {
  const int cols = static_cast<int>(actual.size());
  ExpectGradient(linalg::ConstMatrixView{actual.data(), 1, cols, cols}, expected, what);
}

void Fill(std::span<float> to, const Values& from) {
  std::copy(from.begin(), from.end(), to.begin());
}

// `r` as a layer with dropout passes it back: its values say what was dropped.
Values Dropped(Values r, linalg::ConstMatrixView y, float rate) {
  for (int i = 0; rate > 0 && i < y.rows; ++i) {
    for (int c = 0; c < y.cols; ++c) {
      const float out = y.row(i)[c];
      r[static_cast<size_t>(i) * y.cols + c] *=
          out == 0 && std::signbit(out) ? 0 : 1 / (1.0 - rate);
    }
  }
  return r;
}

TEST(DenseGradientTest, AgreesWithCentralDifferences) {
  for (const auto& shape :
       std::vector<std::tuple<int, int, int>>{{1, 1, 1}, {4, 3, 5}, {7, 17, 9}}) {
    const int rows = std::get<0>(shape), inputs = std::get<1>(shape), outputs = std::get<2>(shape);
    Parameters parameters(ParameterLayout({static_cast<size_t>(inputs * outputs)}, {}, {}));
    Dense dense(inputs, outputs, parameters.weight(0));
    const Values x = RandomValues(rows * inputs, 1), w = RandomValues(inputs * outputs, 2);
    const Values r = RandomValues(rows * outputs, 3);
    Fill(parameters.weight(0).value, w);
    Matrix x_matrix(rows, inputs), d_z(rows, outputs), d_x(rows, inputs);
    reference::CopyTo(x, x_matrix.view());
    reference::CopyTo(r, d_z.view());
    dense.BackwardWeights(x_matrix.view(), d_z.view());
    dense.BackwardInput(d_z.view(), d_x.view());

    const auto loss = [&](const Values& xs, const Values& ws) {
      return Project(reference::Multiply(xs, ws, rows, inputs, outputs), r);
    };
    ExpectGradient(d_x.view(), CentralDifferences([&](const Values& v) { return loss(v, w); }, x),
                   "x");
    ExpectGradient(parameters.weight(0).gradient,
                   CentralDifferences([&](const Values& v) { return loss(x, v); }, w), "W");
  }
}

TEST(BatchNormGradientTest, AgreesWithCentralDifferencesForEveryActivationAndWithDropout) {
  constexpr float kEpsilon = 1e-3f;
  for (const auto& kind_and_rate : KindsAndRates()) {
    const auto kind = kind_and_rate.first;
    const auto rate = kind_and_rate.second;
    for (const auto& shape : std::vector<std::tuple<int, int>>{{2, 1}, {5, 7}, {9, 40}, {67, 3}}) {
      const int rows = std::get<0>(shape), cols = std::get<1>(shape);
      const ActivationFunction f{kind, kSlope};
      const auto size = static_cast<size_t>(cols);
      Parameters parameters(ParameterLayout({}, {size, size}, {size, size}));
      BatchNorm layer({cols, 0.9f, kEpsilon, f}, parameters.other(0), parameters.other(1),
                      parameters.statistic(0), parameters.statistic(1));
      const Values x = RandomValues(rows * cols, 11, 2.0, 3.0);
      const Values gamma = RandomValues(cols, 12, 1.0, 0.5), beta = RandomValues(cols, 13);
      const Values r = RandomValues(rows * cols, 14);
      Fill(parameters.other(0).value, gamma);
      Fill(parameters.other(1).value, beta);
      Matrix x_matrix(rows, cols), y(rows, cols), d(rows, cols);
      reference::CopyTo(x, x_matrix.view());
      reference::CopyTo(r, d.view());
      layer.ForwardTrain(x_matrix.view(), {7, rate}, y.view());
      layer.Backward(d.view());
      const Values passed = Dropped(r, y.view(), rate);

      const auto loss = [&](const Values& xs, const Values& gammas, const Values& betas) {
        const double epsilon = kEpsilon;
        return Project(reference::BatchNorm(xs, gammas, betas, rows, epsilon, f), passed);
      };
      ExpectGradient(d.view(),
                     CentralDifferences([&](const Values& v) { return loss(v, gamma, beta); }, x),
                     "x");
      ExpectGradient(parameters.other(0).gradient,
                     CentralDifferences([&](const Values& v) { return loss(x, v, beta); }, gamma),
                     "gamma");
      ExpectGradient(parameters.other(1).gradient,
                     CentralDifferences([&](const Values& v) { return loss(x, gamma, v); }, beta),
                     "beta");
    }
  }
}

TEST(BiasActivationGradientTest, AgreesWithCentralDifferencesForEveryActivationAndWithDropout) {
  for (const auto& kind_and_rate : KindsAndRates()) {
    const auto kind = kind_and_rate.first;
    const auto rate = kind_and_rate.second;
    for (const auto& shape : std::vector<std::tuple<int, int>>{{1, 1}, {5, 7}, {9, 40}, {67, 3}}) {
      const int rows = std::get<0>(shape), cols = std::get<1>(shape);
      const ActivationFunction f{kind, kSlope};
      Parameters parameters(ParameterLayout({}, {static_cast<size_t>(cols)}, {}));
      BiasActivation layer(f, parameters.other(0));
      const Values x = RandomValues(rows * cols, 21), bias = RandomValues(cols, 22);
      const Values r = RandomValues(rows * cols, 23);
      Fill(parameters.other(0).value, bias);
      Matrix y(rows, cols), d(rows, cols);
      reference::CopyTo(x, y.view());
      reference::CopyTo(r, d.view());
      layer.Forward(y.view(), {7, rate}, y.view());
      layer.Backward(d.view());
      const Values passed = Dropped(r, y.view(), rate);

      const auto loss = [&](const Values& xs, const Values& biases) {
        return Project(reference::BiasActivate(xs, biases, rows, f), passed);
      };
      ExpectGradient(d.view(),
                     CentralDifferences([&](const Values& v) { return loss(v, bias); }, x), "x");
      ExpectGradient(parameters.other(0).gradient,
                     CentralDifferences([&](const Values& v) { return loss(x, v); }, bias), "bias");
    }
  }
}

TEST(SoftmaxCrossEntropyGradientTest, AgreesWithCentralDifferencesWithSmoothingAndWeights) {
  for (const int classes : {2, 3, 10, 17}) {
    for (const float smoothing : {0.0f, 0.125f}) {
      for (const bool weighted : {false, true}) {
        constexpr int kRows = 5;
        std::vector<float> weights;
        std::vector<int32_t> labels;
        for (int c = 0; weighted && c < classes; ++c) weights.push_back(0.5f + 0.25f * c);
        for (int r = 0; r < kRows; ++r) labels.push_back((r * 7 + 1) % classes);
        const Values z = RandomValues(kRows * classes, 41, 0, 2);
        SoftmaxCrossEntropy layer({smoothing, weights}, kRows);
        Matrix logits(kRows, classes);
        reference::CopyTo(z, logits.view());
        const auto result = layer.LossAndGradient(logits.view(), labels);

        const auto loss = [&](const Values& v) {
          return reference::CrossEntropy(v, labels, classes, static_cast<double>(smoothing),
                                         weights);
        };
        EXPECT_NEAR(result.loss_sum / kRows, loss(z), 1e-5);
        ExpectGradient(logits.view(), CentralDifferences(loss, z), "logits");
      }
    }
  }
}

}  // namespace
}  // namespace caviar::nn
