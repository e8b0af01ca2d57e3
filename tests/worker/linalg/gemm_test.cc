#include "worker/linalg/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/worker/linalg/naive_product.h"
#include "tests/worker/linalg/random_matrix.h"

namespace caviar::linalg {
namespace {

// The last shape is large enough for OpenBLAS on every machine; a sample of its columns will do.
TEST(GemmTest, AgreesWithNaiveProductForEveryTransposeAndShape) {
  for (const auto& [m, n, k] : std::vector<std::tuple<int, int, int>>{
           {1, 1, 1}, {3, 5, 7}, {64, 10, 128}, {33, 65, 17}, {2, 100, 31}, {300, 500, 450}}) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        Matrix a = ta ? RandomMatrix(k, m, 1) : RandomMatrix(m, k, 1);
        Matrix b = tb ? RandomMatrix(n, k, 2) : RandomMatrix(k, n, 2);
        Matrix c = RandomMatrix(m, n, 3);
        Gemm(ta ? Transpose::kYes : Transpose::kNo, a.view(), tb ? Transpose::kYes : Transpose::kNo,
             b.view(), c.view());
        for (int r = 0; r < m; ++r) {
          for (int j = 0; j<n; j += n> 100 ? 37 : 1) {
            ASSERT_NEAR(c.view().row(r)[j], NaiveElement(ta, a.view(), tb, b.view(), r, j), 1e-4)
                << m << n << k << ta << tb;
          }
        }
      }
    }
  }
}

TEST(GemmTest, OverwritesGarbage) {
  Matrix a = RandomMatrix(4, 4, 1), b = RandomMatrix(4, 4, 2), c(4, 4);
  c.view().row(0)[0] = NAN;
  Gemm(Transpose::kNo, a.view(), Transpose::kNo, b.view(), c.view());
  EXPECT_TRUE(std::isfinite(c.view().row(0)[0]));
}

TEST(GemmTest, GivesSameBitsOnTwoThreadsAtOnceAsOnOne) {
  Matrix a = RandomMatrix(96, 128, 1), b = RandomMatrix(128, 160, 2);
  Matrix expected(96, 160);
  Gemm(Transpose::kNo, a.view(), Transpose::kNo, b.view(), expected.view());
  std::vector<int> differences(2, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      Matrix c(96, 160);
      for (int i = 0; i < 50; ++i) {
        Gemm(Transpose::kNo, a.view(), Transpose::kNo, b.view(), c.view());
        for (int r = 0; r < 96; ++r) {
          differences[t] +=
              std::memcmp(c.view().row(r), expected.view().row(r), 160 * sizeof(float)) != 0;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(differences, std::vector<int>(2, 0));
}

TEST(GemmDeathTest, AbortsOnShapesThatDoNotFit) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // BLAS has threads
  Matrix a(2, 3), b(4, 5), c(2, 5);
  EXPECT_DEATH(Gemm(Transpose::kNo, a.view(), Transpose::kNo, b.view(), c.view()),
               "times \\[4 x 5\\]");
}

}  // namespace
}  // namespace caviar::linalg
