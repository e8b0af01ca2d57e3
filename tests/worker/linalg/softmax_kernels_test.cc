#include "worker/linalg/softmax_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/worker/linalg/random_matrix.h"

namespace caviar::linalg {
namespace {

TEST(SoftmaxRowsTest, EveryRowSumsToOneForAnyNumberOfClasses) {
  for (const int classes : {1, 2, 3, 7, 8, 9, 10, 16, 17, 26, 100, 1000}) {
    Matrix z = RandomMatrix(5, classes, 1, 0, 10);
    SoftmaxRows(z.view());
    for (int r = 0; r < 5; ++r) {
      double sum = 0;
      for (int c = 0; c < classes; ++c) {
        ASSERT_GE(z.view().row(r)[c], 0.0f);
        sum += z.view().row(r)[c];
      }
      ASSERT_NEAR(sum, 1.0, 1e-5) << classes;
    }
  }
}

TEST(SoftmaxRowsTest, IsStableAtLogitsOfTenThousand) {
  Matrix z(2, 3);
  const float rows[2][3] = {{1e4f, -1e4f, 1e4f}, {-1e4f, -1e4f, -1e4f}};
  for (int r = 0; r < 2; ++r) std::copy_n(rows[r], 3, z.view().row(r));
  SoftmaxRows(z.view());
  EXPECT_FLOAT_EQ(z.view().row(0)[0], 0.5f);
  EXPECT_EQ(z.view().row(0)[1], 0.0f);
  EXPECT_FLOAT_EQ(z.view().row(0)[2], 0.5f);
  for (int c = 0; c < 3; ++c) EXPECT_FLOAT_EQ(z.view().row(1)[c], 1.0f / 3.0f);
}

TEST(CrossEntropyTest, IsExactAndFiniteAtLogitsOfTenThousand) {
  Matrix z(2, 3);
  const float rows[2][3] = {{1e4f, -1e4f, 0.0f}, {1e4f, -1e4f, 0.0f}};
  for (int r = 0; r < 2; ++r) std::copy_n(rows[r], 3, z.view().row(r));
  const std::vector<int32_t> labels = {0, 1};
  std::vector<int32_t> predictions(2);
  EXPECT_DOUBLE_EQ(CrossEntropy(z.view(), labels.data(), predictions.data()), 2e4);
  EXPECT_EQ(predictions, (std::vector<int32_t>{0, 0}));
}

// The loss and its gradient by their formula in double, row by row.
double NaiveCrossEntropyGradient(ConstMatrixView z, const std::vector<int32_t>& labels,
                                 const CrossEntropyOptions& options,
                                 std::vector<std::vector<double>>& gradient) {
  double total = 0;
  for (int r = 0; r < z.rows; ++r) {
    const float* const row = z.row(r);
    double sum = 0;
    for (int c = 0; c < z.cols; ++c) sum += std::exp(static_cast<double>(row[c]));
    const double weight = options.class_weights[labels[r]];
    std::vector<double>& of_row = gradient.emplace_back(z.cols);
    for (int c = 0; c < z.cols; ++c) {
      const double q =
          (c == labels[r] ? 1.0 - options.smoothing : 0.0) + options.smoothing / z.cols;
      const double p = std::exp(static_cast<double>(row[c])) / sum;
      total -= weight * q * std::log(p);
      of_row[c] = options.gradient_scale * weight * (p - q);
    }
  }
  return total;
}

// Rows around the ends of the kernels' chunks, classes around those of a vector.
TEST(CrossEntropyTest, AgreesWithTheFormulaForEveryNumberOfRowsAndClasses) {
  for (const int rows : {1, 2, 63, 64, 65, 130}) {
    for (const int classes : {2, 3, 10, 16, 17, 40}) {
      SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(classes));
      Matrix z = RandomMatrix(rows, classes, 1, 0, 3);
      std::vector<float> weights(classes);
      for (int c = 0; c < classes; ++c) weights[c] = 0.5f + 0.1f * static_cast<float>(c);
      std::vector<int32_t> labels(rows), predictions(rows), largest(rows);
      for (int r = 0; r < rows; ++r) {
        labels[r] = r * 7 % classes;
        const float* const row = z.view().row(r);
        largest[r] = static_cast<int32_t>(std::max_element(row, row + classes) - row);
      }
      const CrossEntropyOptions options{weights.data(), 0.1f, 0.25f};
      std::vector<std::vector<double>> gradient;
      const double loss = NaiveCrossEntropyGradient(z.view(), labels, options, gradient);
      EXPECT_NEAR(CrossEntropyGradient(z.view(), labels.data(), options, predictions.data()), loss,
                  2e-6 * loss);
      EXPECT_EQ(predictions, largest);
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < classes; ++c) {
          ASSERT_NEAR(z.view().row(r)[c], gradient[r][c], 2e-6) << r << " " << c;
        }
      }
    }
  }
}

TEST(CrossEntropyTest, PredictsTheFirstOfEqualClasses) {
  for (const int classes : {2, 9, 20}) {
    Matrix z(1, classes);
    z.view().row(0)[classes - 2] = z.view().row(0)[classes - 1] = 1.0f;
    const int32_t label = 0;
    int32_t prediction = -1;
    CrossEntropy(z.view(), &label, &prediction);
    EXPECT_EQ(prediction, classes - 2);
  }
}

TEST(CrossEntropyTest, NonFiniteLogitsGiveANonFiniteLoss) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (int c = 0; c < 10; ++c) {
      Matrix z(1, 10);
      z.view().row(0)[c] = bad;
      const int32_t label = 3;
      int32_t prediction = -1;
      EXPECT_FALSE(std::isfinite(CrossEntropyGradient(z.view(), &label, {}, &prediction))) << c;
      EXPECT_GE(prediction, 0);
      EXPECT_LT(prediction, 10);
    }
  }
}

}  // namespace
}  // namespace caviar::linalg
