#include "worker/linalg/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "tests/worker/linalg/random_matrix.h"
#include "worker/linalg/activation_kernels.h"
#include "worker/linalg/normalize_kernels.h"

namespace caviar::linalg {
namespace {

bool IsDropped(float out) { return out == 0 && std::signbit(out); }

// What becomes of `value` everywhere.
Matrix DropoutOf(float value, Dropout dropout, int rows, int cols) {
  Matrix y(rows, cols);
  for (int r = 0; r < rows; ++r) std::fill_n(y.view().row(r), cols, value);
  FloatBuffer bias(PaddedSize(cols));
  BiasActivate(y.view(), bias.data(), {}, dropout, y.view());
  return y;
}

double DroppedShare(uint64_t key, float rate) {
  Matrix y = DropoutOf(1.0f, {key, rate}, 256, 100);
  int dropped = 0;
  for (int r = 0; r < 256; ++r) {
    for (int c = 0; c < 100; ++c) dropped += IsDropped(y.view().row(r)[c]);
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
  Matrix y = DropoutOf(3.0f, {7, 0.25f}, 1, 16);
  for (int c = 0; c < 16; ++c) {
    const float out = y.view().row(0)[c];
    EXPECT_TRUE(IsDropped(out) || out == 3.0f / 0.75f) << out;
  }
}

// Else the way back would take them for dropped.
TEST(DropoutTest, KeptZerosOfEitherSignAndKeptDenormalsAreNotTakenForDropped) {
  const Dropout dropout{9, 0.5f};
  Matrix ones = DropoutOf(1.0f, dropout, 4, 40);
  for (const float value : {0.0f, -0.0f, -1e-44f}) {
    Matrix y = DropoutOf(value, dropout, 4, 40);
    for (int r = 0; r < 4; ++r) {
      for (int c = 0; c < 40; ++c) {
        EXPECT_EQ(IsDropped(y.view().row(r)[c]), IsDropped(ones.view().row(r)[c]));
      }
    }
  }
}

TEST(DropoutTest, DropsTheSamePlacesBehindNormalisation) {
  const Dropout dropout{11, 0.3f};
  Matrix expected = DropoutOf(1.0f, dropout, 9, 37);
  Matrix x = RandomMatrix(9, 37, 1), y(9, 37);
  FloatBuffer zero(PaddedSize(37)), one(PaddedSize(37));
  std::fill(one.data(), one.data() + one.size(), 1.0f);
  NormalizeActivate(x.view(), zero.data(), one.data(), zero.data(), {}, dropout, y.view());
  for (int r = 0; r < 9; ++r) {
    for (int c = 0; c < 37; ++c) {
      EXPECT_EQ(IsDropped(y.view().row(r)[c]), IsDropped(expected.view().row(r)[c]));
    }
  }
}

// Places of different keys, and neighbouring rows and columns of one, must not go together.
TEST(DropoutTest, DroppedPlacesAreUncorrelated) {
  Matrix a = DropoutOf(1.0f, {41, 0.5f}, 512, 64), b = DropoutOf(1.0f, {42, 0.5f}, 512, 64);
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
