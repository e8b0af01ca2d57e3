#include "coordinator/search/scale.h"

#include <cmath>

#include "common/random/rng.h"
#include "gtest/gtest.h"

namespace caviar::search {
namespace {

constexpr Scale kScales[] = {Scale::kLinear, Scale::kLog, Scale::kLogComplement,
                             Scale::kReverseLog};

double ShareAbove(Scale scale, double min, double max, double bound) {
  Rng rng(7);
  constexpr int kDraws = 100000;
  int above = 0;
  for (int i = 0; i < kDraws; ++i) above += ValueAtUnit(scale, min, max, rng.Uniform()) > bound;
  return static_cast<double>(above) / kDraws;
}

// The course's scale for beta, and why the others will not do.
TEST(ScaleTest, LogComplementPutsHalfOfTheDrawsFromNinetyToNineNineNineAboveNineNine) {
  EXPECT_NEAR(ShareAbove(Scale::kLogComplement, 0.9, 0.999, 0.99), 0.5, 0.01);
  EXPECT_NEAR(ShareAbove(Scale::kLinear, 0.9, 0.999, 0.99), 0.091, 0.01);
  EXPECT_NEAR(ShareAbove(Scale::kReverseLog, 0.9, 0.999, 0.99), 0.095, 0.01);
}

TEST(ScaleTest, LogGivesEveryDecadeTheSameShare) {
  EXPECT_NEAR(ShareAbove(Scale::kLog, 1e-4, 1, 1e-1), 0.25, 0.01);
  EXPECT_NEAR(ShareAbove(Scale::kLog, 1e-4, 1, 1e-3), 0.75, 0.01);
}

TEST(ScaleTest, ReverseLogIsTheLogScaleMirrored) {
  for (const double u : {0.0, 0.2, 0.5, 0.9, 1.0}) {
    const double mirrored = 0.5 + 3 - ValueAtUnit(Scale::kLog, 0.5, 3, 1 - u);
    EXPECT_NEAR(ValueAtUnit(Scale::kReverseLog, 0.5, 3, u), mirrored, 1e-12);
  }
}

TEST(ScaleTest, EndsAreExact) {
  for (const Scale scale : kScales) {
    EXPECT_NEAR(ValueAtUnit(scale, 0.1, 0.7, 0), 0.1, 1e-15);
    EXPECT_NEAR(ValueAtUnit(scale, 0.1, 0.7, 1), 0.7, 1e-15);
    EXPECT_GE(ValueAtUnit(scale, 0.1, 0.7, 0), 0.1);
    EXPECT_LE(ValueAtUnit(scale, 0.1, 0.7, 1), 0.7);
  }
}

TEST(ScaleTest, UnitOfValueInvertsValueAtUnit) {
  Rng rng(1);
  for (int i = 0; i < 10000; ++i) {
    const Scale scale = kScales[rng.UniformInt(4)];
    const double min = 1e-6 + 0.5 * rng.Uniform();
    const double max = min + (0.9999 - min) * rng.Uniform();
    const double u = rng.Uniform();
    const double value = ValueAtUnit(scale, min, max, u);
    EXPECT_GE(value, min);
    EXPECT_LE(value, max);
    if (max - min > 1e-3) {
      EXPECT_NEAR(UnitOfValue(scale, min, max, value), u, 1e-9);
    }
  }
}

TEST(ScaleTest, ValueOutsideTheIntervalLiesAtItsNearerEnd) {
  for (const Scale scale : kScales) {
    EXPECT_EQ(UnitOfValue(scale, 0.1, 0.7, -3), 0);
    EXPECT_EQ(UnitOfValue(scale, 0.1, 0.7, 1.5), 1);
  }
}

TEST(ScaleTest, IntervalOfOnePointHasItsPlaceInTheMiddle) {
  for (const Scale scale : kScales) {
    EXPECT_EQ(UnitOfValue(scale, 0.3, 0.3, 0.3), 0.5);
    EXPECT_EQ(ValueAtUnit(scale, 0.3, 0.3, 0.8), 0.3);
  }
}

// A window of 10^9 steps: 1 - x has lost half of its digits, log1p has not.
TEST(ScaleTest, LogComplementKeepsItsDigitsNearZero) {
  const double value = ValueAtUnit(Scale::kLogComplement, 1e-12, 1e-6, 0.5);
  EXPECT_NEAR(value, 5e-7, 1e-12);
}

}  // namespace
}  // namespace caviar::search
