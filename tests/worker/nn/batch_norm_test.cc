#include "worker/nn/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/worker/nn/reference.h"

namespace caviar::nn {
namespace {

using linalg::Matrix;
using linalg::MatrixView;

// A layer with its parameters.
struct Fixture {
  Fixture(int cols, float momentum, float epsilon)
      : size(static_cast<size_t>(cols)),
        parameters(ParameterLayout({}, {size, size}, {size, size})),
        layer({cols, momentum, epsilon, {}}, parameters.other(0), parameters.other(1),
              parameters.statistic(0), parameters.statistic(1)) {
    layer.Initialize();
  }
  size_t size;
  Parameters parameters;
  BatchNorm layer;
};

TEST(BatchNormTest, NormalisesEachColumnToMeanZeroAndVarianceOne) {
  Fixture f(9, 0.9f, 1e-8f);
  Matrix x(50, 9), y(50, 9);
  reference::CopyTo(reference::RandomValues(50 * 9, 1, -3.0, 7.0), x.view());
  f.layer.ForwardTrain(x.view(), {}, y.view());
  for (int c = 0; c < 9; ++c) {
    double sum = 0, squares = 0;
    for (int r = 0; r < 50; ++r) sum += y.view().row(r)[c];
    for (int r = 0; r < 50; ++r) squares += std::pow(y.view().row(r)[c], 2);
    EXPECT_NEAR(sum / 50, 0, 1e-5);
    EXPECT_NEAR(squares / 50, 1, 1e-5);
  }
}

// gamma = sqrt(variance + epsilon) and beta = mean undo the normalisation, as the course says.
TEST(BatchNormTest, RestoresItsInputWhenGammaIsTheDeviationAndBetaTheMean) {
  constexpr float kEpsilon = 1e-3f;
  Fixture f(12, 0.9f, kEpsilon);
  Matrix x(40, 12), y(40, 12);
  reference::CopyTo(reference::RandomValues(40 * 12, 2, 5.0, 2.0), x.view());
  // The first batch's averages are the batch's own statistics.
  f.layer.ForwardTrain(x.view(), {}, y.view());
  for (size_t c = 0; c < f.size; ++c) {
    f.parameters.other(0).value[c] = std::sqrt(f.parameters.statistic(1)[c] + kEpsilon);
    f.parameters.other(1).value[c] = f.parameters.statistic(0)[c];
  }
  f.layer.ForwardTrain(x.view(), {}, y.view());
  for (int r = 0; r < 40; ++r) {
    for (int c = 0; c < 12; ++c) EXPECT_NEAR(y.view().row(r)[c], x.view().row(r)[c], 1e-5);
  }
}

TEST(BatchNormTest, ConstantColumnAtTenThousandStaysFiniteBothWays) {
  Fixture f(3, 0.9f, 1e-8f);
  Matrix x(64, 3), y(64, 3), d(64, 3);
  reference::CopyTo(reference::RandomValues(64 * 3, 3), x.view());
  reference::CopyTo(reference::RandomValues(64 * 3, 4), d.view());
  for (int r = 0; r < 64; ++r) x.view().row(r)[1] = 1e4f;
  f.layer.ForwardTrain(x.view(), {}, y.view());
  f.layer.Backward(d.view());
  for (int r = 0; r < 64; ++r) {
    EXPECT_EQ(y.view().row(r)[1], 0.0f);
    for (int c = 0; c < 3; ++c) EXPECT_TRUE(std::isfinite(d.view().row(r)[c]));
  }
}

// Early on the averages are plain means of the batches' statistics; later old ones fade.
TEST(BatchNormTest, RunningAveragesStartAsPlainMeansAndThenFade) {
  constexpr float kMomentum = 0.75f;
  Fixture f(1, kMomentum, 1e-8f);
  const std::vector<float> means = {1, 2, 6, -4, 10, 0};
  std::vector<double> expected;
  double average = 0;
  for (size_t t = 0; t < means.size(); ++t) {
    const double keep = std::min<double>(kMomentum, 1.0 - 1.0 / (static_cast<double>(t) + 1));
    average = keep * average + (1 - keep) * means[t];
    expected.push_back(average);
  }
  EXPECT_NEAR(expected[2], 3.0, 1e-12);  // the plain mean of three
  for (size_t t = 0; t < means.size(); ++t) {
    Matrix x(2, 1), y(2, 1);
    x.view().row(0)[0] = means[t] - 1;
    x.view().row(1)[0] = means[t] + 1;
    f.layer.ForwardTrain(x.view(), {}, y.view());
    EXPECT_NEAR(f.parameters.statistic(0)[0], expected[t], 1e-5);
    EXPECT_NEAR(f.parameters.statistic(1)[0], 1.0, 1e-6);  // biased variance of every batch
  }
}

TEST(BatchNormDeathTest, RefusesASingleRowAndABackwardWithoutForward) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // BLAS has threads
  Fixture f(2, 0.9f, 1e-8f);
  Matrix one(1, 2), y(1, 2), d(4, 2);
  EXPECT_DEATH(f.layer.ForwardTrain(one.view(), {}, y.view()), "rows >= 2");
  EXPECT_DEATH(f.layer.Backward(d.view()), "no ForwardTrain");
}

}  // namespace
}  // namespace caviar::nn
