#include "coordinator/search/sobol_sequence.h"

#include <bit>
#include <set>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "gtest/gtest.h"

namespace caviar::search {
namespace {

TEST(SobolBitsTest, FirstPointsAreTheKnownOnes) {
  const double known[][3] = {{0, 0, 0},          {0.5, 0.5, 0.5},       {0.75, 0.25, 0.25},
                             {0.25, 0.75, 0.75}, {0.375, 0.375, 0.625}, {0.875, 0.875, 0.125}};
  for (uint32_t index = 0; index < 6; ++index) {
    const std::vector<uint32_t> bits = SobolBits(3, index);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(bits[i] * 0x1.0p-32, known[index][i]) << "point " << index << ", axis " << i;
    }
  }
}

TEST(ScrambledSobolPointTest, EveryPowerOfTwoOfPointsFillsEverySliceOnce) {
  std::vector<uint64_t> seeds;
  for (uint64_t i = 0; i < 20; ++i) seeds.push_back(DeriveSeed(uint64_t{3}, i));
  std::vector<std::set<int>> slices(seeds.size());
  for (uint32_t index = 0; index < 256; ++index) {
    const std::vector<double> point = ScrambledSobolPoint(seeds, index);
    for (size_t i = 0; i < point.size(); ++i) {
      EXPECT_GT(point[i], 0);
      EXPECT_LT(point[i], 1);
      slices[i].insert(static_cast<int>(point[i] * 256));
    }
  }
  for (const std::set<int>& of_axis : slices) EXPECT_EQ(of_axis.size(), 256u);
}

// Scrambling keeps what makes the sequence even: 2-D elementary boxes of area 1/64.
TEST(ScrambledSobolPointTest, ElementaryBoxesOfTheFirstTwoAxesHoldOnePointEach) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const uint64_t seeds[] = {DeriveSeed(seed, "a"), DeriveSeed(seed, "b")};
    for (int cut = 0; cut <= 6; ++cut) {
      std::set<std::pair<int, int>> boxes;
      for (uint32_t index = 0; index < 64; ++index) {
        const std::vector<double> point = ScrambledSobolPoint(seeds, index);
        boxes.emplace(static_cast<int>(point[0] * (1 << cut)),
                      static_cast<int>(point[1] * (64 >> cut)));
      }
      EXPECT_EQ(boxes.size(), 64u) << "seed " << seed << ", cut " << cut;
    }
  }
}

// What nested scrambling means: equal leading bits stay equal, different ones stay different.
TEST(OwenScrambleTest, KeepsTheLengthOfCommonPrefixes) {
  Rng rng(11);
  for (int i = 0; i < 1000; ++i) {
    const uint32_t a = rng.NextUint32();
    const uint32_t b = a ^ (rng.NextUint32() >> rng.UniformInt(32));
    const uint64_t seed = rng.NextUint64();
    const uint32_t difference = OwenScramble(a, seed) ^ OwenScramble(b, seed);
    EXPECT_EQ(std::countl_zero(difference), std::countl_zero(a ^ b));
  }
}

TEST(OwenScrambleTest, SeedsGiveDifferentPermutations) {
  std::set<uint32_t> images;
  for (uint64_t seed = 0; seed < 100; ++seed) images.insert(OwenScramble(12345, seed));
  EXPECT_GT(images.size(), 95u);
}

}  // namespace
}  // namespace caviar::search
