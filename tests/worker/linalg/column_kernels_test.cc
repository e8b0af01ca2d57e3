#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <vector>

#include "tests/worker/linalg/random_matrix.h"
#include "worker/linalg/activation_kernels.h"
#include "worker/linalg/flush_denormals.h"
#include "worker/linalg/normalize_kernels.h"
#include "worker/linalg/optimizer_kernels.h"

namespace caviar::linalg {
namespace {

// Around every edge of the kernels: one vector, one strip, one chunk of rows, and one more.
const std::vector<std::tuple<int, int>> kShapes = {{1, 1},   {2, 5},     {3, 16},   {64, 17},
                                                   {65, 64}, {130, 100}, {257, 33}, {1000, 7}};

TEST(ColumnMomentsTest, AgreesWithTwoPassesInDouble) {
  for (const auto& [rows, cols] : kShapes) {
    Matrix x = RandomMatrix(rows, cols, 5, 3.0, 2.0);
    FloatBuffer mean(PaddedSize(cols)), variance(PaddedSize(cols));
    ColumnMoments(x.view(), mean.data(), variance.data());
    for (int c = 0; c < cols; ++c) {
      double sum = 0, squares = 0;
      for (int r = 0; r < rows; ++r) sum += x.view().row(r)[c];
      const double expected_mean = sum / rows;
      for (int r = 0; r < rows; ++r) {
        squares += std::pow(x.view().row(r)[c] - expected_mean, 2);
      }
      ASSERT_NEAR(mean.data()[c], expected_mean, 1e-6 * 10);
      ASSERT_NEAR(variance.data()[c], squares / rows, 1e-5 * (1 + squares / rows));
    }
  }
}

TEST(ColumnMomentsTest, ConstantColumnsHaveExactlyTheirValueAndNoVariance) {
  for (const float value : {1e4f, -10000.1f, 1e-3f, 3.4e30f}) {
    Matrix x(100, 20);
    for (int r = 0; r < 100; ++r) std::fill_n(x.view().row(r), 20, value);
    FloatBuffer mean(PaddedSize(20)), variance(PaddedSize(20));
    ColumnMoments(x.view(), mean.data(), variance.data());
    for (int c = 0; c < 20; ++c) {
      ASSERT_EQ(mean.data()[c], value);
      ASSERT_EQ(variance.data()[c], 0.0f);
    }
  }
}

TEST(ColumnMomentsTest, KeepsASmallDeviationAroundALargeMean) {
  Matrix x = RandomMatrix(4096, 3, 11, 1e4, 0.1);
  FloatBuffer mean(PaddedSize(3)), variance(PaddedSize(3));
  ColumnMoments(x.view(), mean.data(), variance.data());
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(std::sqrt(variance.data()[c]), 0.1, 0.005);
}

TEST(ActivationTest, NanComesThroughEveryFunction) {
  using Kind = ActivationFunction::Kind;
  for (const Kind kind :
       {Kind::kIdentity, Kind::kRelu, Kind::kLeakyRelu, Kind::kTanh, Kind::kSigmoid}) {
    Matrix x(1, 3);
    x.view().row(0)[1] = NAN;
    FloatBuffer bias(PaddedSize(3));
    BiasActivate(x.view(), bias.data(), {kind, 0.01f}, {}, x.view());
    EXPECT_TRUE(std::isnan(x.view().row(0)[1])) << static_cast<int>(kind);
    EXPECT_TRUE(std::isfinite(x.view().row(0)[0]));
  }
}

TEST(ActivationTest, SaturatesWithoutOverflowAtLargeInputs) {
  using Kind = ActivationFunction::Kind;
  FloatBuffer bias(PaddedSize(2));
  for (const Kind kind : {Kind::kTanh, Kind::kSigmoid}) {
    Matrix x(1, 2);
    x.view().row(0)[0] = 1e4f;
    x.view().row(0)[1] = -1e4f;
    BiasActivate(x.view(), bias.data(), {kind, 0.01f}, {}, x.view());
    EXPECT_FLOAT_EQ(x.view().row(0)[0], 1.0f);
    EXPECT_NEAR(x.view().row(0)[1], kind == Kind::kTanh ? -1.0f : 0.0f, 1e-7);
  }
}

TEST(BiasActivateBackwardTest, LeavesTheGradientsPaddingAtZero) {
  Matrix y = RandomMatrix(70, 21, 1), d = RandomMatrix(70, 21, 2);
  FloatBuffer gradient(PaddedSize(21));
  BiasActivateBackward(y.view(), {}, {}, d.view(), gradient.data());
  for (size_t c = 21; c < gradient.size(); ++c) EXPECT_EQ(gradient.data()[c], 0.0f);
  EXPECT_TRUE(std::isfinite(SumOfSquares(gradient.data(), gradient.size())));
}

TEST(SumOfSquaresTest, AgreesWithDoubleOverManyChunks) {
  FloatBuffer x = RandomColumns(16 * 1000, 3);
  double expected = 0;
  for (const float v : x.span()) expected += static_cast<double>(v) * v;
  EXPECT_NEAR(SumOfSquares(x.data(), x.size()), expected, 1e-6 * expected);
}

TEST(FlushDenormalsTest, DenormalsAreZeroInsideAndBackOutside) {
  volatile float tiny = 1e-38f;
  volatile float tenth = 0.1f;
  {
    const FlushDenormals flush;
    EXPECT_EQ(tiny * tenth, 0.0f);
  }
  EXPECT_GT(tiny * tenth, 0.0f);
}

}  // namespace
}  // namespace caviar::linalg
