// Each SIMD path against plain loops, bit by bit.
#include "coordinator/search/parzen_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/fast_exp.h"

namespace caviar::search {
namespace {

constexpr int kPlaces = 5;
constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

// Each test runs on every path that the CPU has.
class ParzenKernelsTest : public testing::TestWithParam<size_t> {
 protected:
  const ParzenKernels& kernels() const { return ParzenPaths()[GetParam()]; }

  float Number(double low, double high) {
    return static_cast<float>(low + (high - low) * rng_.Uniform());
  }
  ParzenRow Row(double low, double high) {
    ParzenRow row;
    for (float& value : row) value = Number(low, high);
    return row;
  }
  std::vector<ParzenRow> Rows(int count, double low, double high) {
    std::vector<ParzenRow> rows;
    for (int i = 0; i < count; ++i) rows.push_back(Row(low, high));
    return rows;
  }

  Rng rng_{7};
};

TEST_P(ParzenKernelsTest, SubtractsSquares) {
  const ParzenRow means = Row(0, 70);
  const std::vector<float> x{0, 1.5F, 33.3F, 69.9F, 70};
  std::vector<ParzenRow> exponents = Rows(kPlaces, -80, 0);
  std::vector<ParzenRow> expected = exponents;
  for (int c = 0; c < kPlaces; ++c) {
    for (int k = 0; k < kParzenBlock; ++k) {
      const float z = x[c] - means[k];
      expected[c][k] -= z * z;
    }
  }
  kernels().subtract_squares(means, x, exponents);
  EXPECT_EQ(exponents, expected);
}

TEST_P(ParzenKernelsTest, TakesWhatStandsForAnAbsentKernelAndLeavesAbsentPlacesAlone) {
  ParzenGaps gaps{.means = Row(0, 70), .masses = Row(0, 1)};
  for (int k = 0; k < kParzenBlock; ++k) gaps.has[k] = k % 3 == 0 ? 0 : -1;
  const std::vector<float> x{0, kAbsent, 33.3F, kAbsent, 70};
  const std::vector<float> without{-1.25F, kAbsent, -3.5F, kAbsent, -0.125F};
  std::vector<ParzenRow> exponents = Rows(kPlaces, -80, 0);
  std::vector<ParzenRow> expected = exponents;
  for (const int c : {0, 2, 4}) {
    for (int k = 0; k < kParzenBlock; ++k) {
      const float z = x[c] - gaps.means[k];
      expected[c][k] += gaps.has[k] == 0 ? without[c] : -z * z - gaps.masses[k];
    }
  }
  kernels().subtract_squares_where_any(gaps, x, without, exponents);
  EXPECT_EQ(exponents, expected);
}

TEST_P(ParzenKernelsTest, AddsEachPlaceItsTerms) {
  const std::vector<ParzenRow> terms = Rows(2, -9, 0);
  const std::vector<int> term_of{1, -1, 0, 0, 1};
  std::vector<ParzenRow> exponents = Rows(kPlaces, -80, 0);
  std::vector<ParzenRow> expected = exponents;
  for (const int c : {0, 2, 3, 4}) {
    for (int k = 0; k < kParzenBlock; ++k) expected[c][k] += terms[term_of[c]][k];
  }
  kernels().add_terms(terms, term_of, exponents);
  EXPECT_EQ(exponents, expected);
}

TEST_P(ParzenKernelsTest, AddsWeightedSumsInOneOrder) {
  constexpr int kLanes = 8;
  const ParzenRow shared = Row(-1, 0);
  const ParzenRow weights = Row(0, 1);
  std::vector<ParzenRow> exponents = Rows(kPlaces, -100, 0);
  std::vector<double> sums{0, 1, 2, 3, 4};
  std::vector<double> expected = sums;
  double plain = sums[0];  // to tell that the order in single precision loses nothing to speak of
  for (int c = 0; c < kPlaces; ++c) {
    float lanes[kLanes] = {};
    for (int k = 0; k < kParzenBlock; ++k) {
      const float exponent = exponents[c][k] + shared[k];
      lanes[k % kLanes] += weights[k] * FastExp(exponent);
      if (c == 0) plain += weights[k] * std::exp(static_cast<double>(exponent));
    }
    double sum = 0;
    for (const float lane : lanes) sum += lane;
    expected[c] += sum;
  }
  kernels().add_weighted_sums(shared, weights, exponents, sums);
  EXPECT_EQ(sums, expected);
  EXPECT_NEAR(sums[0] / plain, 1, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Paths, ParzenKernelsTest, testing::Range<size_t>(0, ParzenPaths().size()));

}  // namespace
}  // namespace caviar::search
