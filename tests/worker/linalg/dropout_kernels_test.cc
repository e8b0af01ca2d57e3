#include "worker/linalg/dropout_kernels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/linalg/random_matrix.h"

namespace caviar::linalg {
namespace {

double DroppedShare(uint64_t key, float rate) {
  Matrix x(256, 100), mask(256, 100), y(256, 100);
  for (int r = 0; r < 256; ++r) std::fill_n(x.view().row(r), 100, 1.0f);
  Dropout(key, rate, x.view(), mask.view(), y.view());
  int dropped = 0;
  for (int r = 0; r < 256; ++r) {
    for (int c = 0; c < 100; ++c) dropped += y.view().row(r)[c] == 0.0f;
  }
  return dropped / 25600.0;
}

TEST(DropoutTest, DropsTheAskedShareForManyKeys) {
  for (const float rate : {0.1f, 0.5f, 0.9f}) {
    const double deviation = std::sqrt(rate * (1 - rate) / 25600.0);
    for (uint64_t key : {0ull, 1ull, 2ull, 0xffffffffffffffffull, 0x123456789abcdefull}) {
      EXPECT_NEAR(DroppedShare(key, rate), rate, 4.5 * deviation) << rate << " " << key;
    }
  }
}

TEST(DropoutTest, KeepsTheMeanByScalingWhatItKeeps) {
  Matrix x(1, 16), mask(1, 16), y(1, 16);
  std::fill_n(x.view().row(0), 16, 3.0f);
  Dropout(7, 0.25f, x.view(), mask.view(), y.view());
  for (int c = 0; c < 16; ++c) {
    const float v = y.view().row(0)[c];
    EXPECT_TRUE(v == 0.0f || v == 3.0f / 0.75f) << v;
  }
}

// Masks of different keys, and neighbouring rows and columns of one mask, must not go together.
TEST(DropoutTest, MasksAreUncorrelated) {
  Matrix x(512, 64), a(512, 64), b(512, 64), y(512, 64);
  Dropout(41, 0.5f, x.view(), a.view(), y.view());
  Dropout(42, 0.5f, x.view(), b.view(), y.view());
  double keys = 0, rows = 0, cols = 0;
  for (int r = 0; r + 1 < 512; ++r) {
    for (int c = 0; c + 1 < 64; ++c) {
      const double here = a.view().row(r)[c] - 1.0;
      keys += here * (b.view().row(r)[c] - 1.0);
      rows += here * (a.view().row(r + 1)[c] - 1.0);
      cols += here * (a.view().row(r)[c + 1] - 1.0);
    }
  }
  const double n = 511.0 * 63.0;
  for (const double sum : {keys, rows, cols}) EXPECT_LT(std::abs(sum / n), 4.5 / std::sqrt(n));
}

}  // namespace
}  // namespace caviar::linalg
