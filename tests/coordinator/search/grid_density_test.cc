#include "coordinator/search/grid_density.h"

#include <gmock/gmock.h>

#include <numeric>

#include "common/random/rng.h"

namespace caviar::search {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

// Kernels of choices that were seen (base weight 1/3, sum 5/3) weigh 3/5 and 1/5, the flat one 1/5.
TEST(ChoiceDensityTest, IsWhatTheKernelsGiveByHand) {
  EXPECT_THAT(ChoiceDensity(std::vector<uint64_t>{3, 1}),
              ElementsAre(DoubleNear(0.62, 1e-12), DoubleNear(0.38, 1e-12)));
}

// One normal of the least bandwidth, 0.5 / 1.64, weighs 4/5: 0.8990 of it is inside its cell. The
// flat one, of deviation 3, has 0.3457 of what is on the grid in the middle.
TEST(OrderedDensityTest, IsWhatTheKernelsGiveByHand) {
  const double middle = 0.8 * 0.8990 + 0.2 * 0.3457;
  EXPECT_THAT(OrderedDensity(std::vector<uint64_t>{0, 4, 0}),
              ElementsAre(DoubleNear((1 - middle) / 2, 1e-4), DoubleNear(middle, 1e-4),
                          DoubleNear((1 - middle) / 2, 1e-4)));
}

TEST(OrderedDensityTest, IsWiderWhereTrialsAreWider) {
  std::vector<uint64_t> narrow(50, 0), wide(50, 0);
  narrow[24] = narrow[25] = 10;
  for (size_t i = 5; i < 45; i += 2) wide[i] = 1;
  EXPECT_GT(OrderedDensity(narrow)[24], 5 * OrderedDensity(wide)[24]);
}

TEST(GridDensityTest, SumsToOneAndLeavesNoCellImpossible) {
  Rng rng(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<uint64_t> counts(2 + rng.UniformInt(49), 0);
    for (uint32_t i = 0; i <= rng.UniformInt(100); ++i) {
      ++counts[rng.UniformInt(static_cast<uint32_t>(counts.size()))];
    }
    for (const std::vector<double>& density : {OrderedDensity(counts), ChoiceDensity(counts)}) {
      EXPECT_NEAR(std::accumulate(density.begin(), density.end(), 0.0), 1, 1e-9);
      for (const double cell : density) EXPECT_GT(cell, 0);
    }
  }
}

}  // namespace
}  // namespace caviar::search
