#include "common/random/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

namespace caviar {
namespace {

TEST(RngTest, FirstWordsAreThoseOfThePublishedPhilox) {
  // Known answer of Random123 (kat_vectors): philox4x32 10, counter 0, key 0.
  Rng rng(0);
  EXPECT_EQ(rng.NextUint32(), 0x6627e8d5u);
  EXPECT_EQ(rng.NextUint32(), 0xe169c58du);
  EXPECT_EQ(rng.NextUint32(), 0xbc57ac4cu);
  EXPECT_EQ(rng.NextUint32(), 0x9b00dbd8u);
}

TEST(RngTest, ContinuesFromItsStateAtEveryPosition) {
  Rng rng(7);
  for (int i = 0; i < 11; ++i) {
    Rng resumed(rng.state());
    EXPECT_EQ(resumed.NextUint32(), rng.NextUint32()) << i;
    EXPECT_EQ(resumed.state(), rng.state()) << i;
  }
}

TEST(RngTest, UniformStaysInItsHalfOpenIntervalAndHasItsMoments) {
  Rng rng(1);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.Uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.005);
}

TEST(RngTest, NormalHasItsMoments) {
  Rng rng(2);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double z = rng.Normal();
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
}

TEST(RngTest, UniformIntGivesEachValueItsShare) {
  Rng rng(3);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[rng.UniformInt(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_EQ(rng.UniformInt(1), 0u);
}

TEST(RngTest, ShuffleGivesAPermutationThatTheSeedDecides) {
  std::vector<int> a(100), b(100);
  std::iota(a.begin(), a.end(), 0);
  std::iota(b.begin(), b.end(), 0);
  Rng(5).Shuffle(std::span(a));
  Rng(5).Shuffle(std::span(b));
  EXPECT_EQ(a, b);
  EXPECT_FALSE(std::is_sorted(a.begin(), a.end()));
  std::sort(a.begin(), a.end());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a[i], i);
}

TEST(DeriveSeedTest, NeighboursAndNamesGetSeedsOfTheirOwn) {
  std::set<uint64_t> seeds;
  for (uint64_t index = 0; index < 1000; ++index) seeds.insert(DeriveSeed(1, index));
  for (const char* name : {"", "a", "b", "learning_rate", "momentum"}) {
    seeds.insert(DeriveSeed(1, name));
  }
  EXPECT_EQ(seeds.size(), 1005u);
  EXPECT_NE(DeriveSeed(1, "momentum"), DeriveSeed(2, "momentum"));
}

TEST(DeriveSeedTest, ValuesNeverChange) {
  // Stored jobs replay only while these stay as they are.
  EXPECT_EQ(DeriveSeed(7, uint64_t{1}), DeriveSeed(7, absl::string_view("\1\0\0\0\0\0\0\0", 8)));
  EXPECT_EQ(DeriveSeed(0, ""), 0x2d06800538d394c2u);  // XXH3_64bits of nothing
}

}  // namespace
}  // namespace caviar
