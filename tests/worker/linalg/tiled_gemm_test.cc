#include "worker/linalg/tiled_gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/worker/linalg/naive_product.h"
#include "tests/worker/linalg/random_matrix.h"

namespace caviar::linalg {
namespace {

// Rows and columns around every height of a tile and every width of a panel (of 1 to 16 lanes),
// depths around a panel's end.
const std::vector<std::tuple<int, int, int>> kProductShapes = {
    {1, 1, 1},    {2, 3, 4},     {3, 5, 7},     {4, 8, 3},     {5, 16, 9},    {6, 17, 10},
    {7, 31, 5},   {11, 32, 6},   {12, 33, 2},   {13, 15, 255}, {23, 10, 256}, {25, 64, 257},
    {32, 63, 64}, {64, 65, 513}, {67, 100, 31}, {37, 48, 784}};

bool SameBits(ConstMatrixView a, ConstMatrixView b) {
  for (int r = 0; r < a.rows; ++r) {
    if (std::memcmp(a.row(r), b.row(r), sizeof(float) * a.cols) != 0) return false;
  }
  return true;
}

TEST(TiledGemmTest, AgreesWithNaiveProductForEveryTransposeAndShape) {
  for (const auto& [m, n, k] : kProductShapes) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        SCOPED_TRACE(absl::StrCat(m, " x ", n, " x ", k, ta ? " T" : " N", tb ? "T" : "N"));
        Matrix a = ta ? RandomMatrix(k, m, 1) : RandomMatrix(m, k, 1);
        Matrix b = tb ? RandomMatrix(n, k, 2) : RandomMatrix(k, n, 2);
        Matrix c = RandomMatrix(m, n, 3);
        TiledGemm(ta, a.view(), tb, b.view(), c.view());
        for (int r = 0; r < m; ++r) {
          for (int j = 0; j < n; ++j) {
            ASSERT_NEAR(c.view().row(r)[j], NaiveElement(ta, a.view(), tb, b.view(), r, j), 2e-4)
                << r << " " << j;
          }
        }
      }
    }
  }
}

// Weights are not padded: behind a row of the result comes the next one, and then nothing of ours.
TEST(TiledGemmTest, WritesNothingButTheResult) {
  for (const int n : {1, 5, 10, 17, 31, 40}) {
    const int m = 13, k = 20;
    Matrix a = RandomMatrix(m, k, 1), b = RandomMatrix(k, n, 2), expected(m, n);
    TiledGemm(false, a.view(), false, b.view(), expected.view());
    const size_t size = static_cast<size_t>(m) * n;
    std::vector<float> memory(size + 32, 7.0f);
    const MatrixView c{memory.data() + 16, m, n, n};
    TiledGemm(false, a.view(), false, b.view(), c);
    EXPECT_TRUE(SameBits(c, expected.view())) << n;
    for (size_t i = 0; i < 16; ++i) {
      ASSERT_EQ(memory[i], 7.0f);
      ASSERT_EQ(memory[16 + size + i], 7.0f);
    }
  }
}

// What lets an evaluation choose its chunks freely.
TEST(TiledGemmTest, ARowsBitsDoNotDependOnTheRowsBesideIt) {
  const int m = 41, n = 26, k = 300;
  Matrix a = RandomMatrix(m, k, 1), b = RandomMatrix(k, n, 2), all(m, n);
  TiledGemm(false, a.view(), false, b.view(), all.view());
  for (int count = 1; count <= 14; ++count) {
    Matrix some(count, n);
    TiledGemm(false, std::as_const(a).view().Rows(m - count, count), false, b.view(), some.view());
    ASSERT_TRUE(SameBits(some.view(), all.view().Rows(m - count, count))) << count;
  }
}

TEST(TiledGemmTest, AColumnsBitsDoNotDependOnTheColumnsBesideIt) {
  const int m = 20, n = 70, k = 300;
  Matrix a = RandomMatrix(m, k, 1), b = RandomMatrix(k, n, 2), all(m, n);
  TiledGemm(false, a.view(), false, b.view(), all.view());
  for (int first = 0; first < n; first += 7) {
    const ConstMatrixView columns{b.view().data + first, k, n - first, b.view().stride};
    Matrix some(m, n - first);
    TiledGemm(false, a.view(), false, columns, some.view());
    const MatrixView expected{all.view().data + first, m, n - first, all.view().stride};
    ASSERT_TRUE(SameBits(some.view(), expected)) << first;
  }
}

TEST(TiledGemmTest, BitsDoNotDependOnStrideOrAlignment) {
  const int m = 19, n = 37, k = 70;
  Matrix a = RandomMatrix(m, k, 1), b = RandomMatrix(k, n, 2), expected(m, n);
  TiledGemm(false, a.view(), false, b.view(), expected.view());
  std::vector<float> memory(static_cast<size_t>(m + n) * (k + 8) + static_cast<size_t>(m) * n);
  for (const int shift : {1, 2, 3, 5}) {
    const MatrixView odd_a{memory.data() + shift, m, k, k + 3};
    const MatrixView odd_b{odd_a.row(m) + 1, k, n, n};
    for (int r = 0; r < m; ++r) std::copy_n(a.view().row(r), k, odd_a.row(r));
    for (int r = 0; r < k; ++r) std::copy_n(b.view().row(r), n, odd_b.row(r));
    std::vector<float> result(static_cast<size_t>(m) * n + 1);
    const MatrixView c{result.data() + 1, m, n, n};
    TiledGemm(false, odd_a, false, odd_b, c);
    EXPECT_TRUE(SameBits(c, expected.view())) << shift;
  }
}

TEST(TiledGemmTest, NanAndInfinityComeThrough) {
  Matrix a = RandomMatrix(9, 20, 1), b = RandomMatrix(20, 18, 2), c(9, 18);
  a.view().row(4)[7] = std::numeric_limits<float>::quiet_NaN();
  a.view().row(5)[3] = std::numeric_limits<float>::infinity();
  TiledGemm(false, a.view(), false, b.view(), c.view());
  for (int j = 0; j < 18; ++j) {
    EXPECT_TRUE(std::isnan(c.view().row(4)[j]));
    EXPECT_TRUE(std::isinf(c.view().row(5)[j]));
    EXPECT_TRUE(std::isfinite(c.view().row(6)[j]));
  }
}

}  // namespace
}  // namespace caviar::linalg
