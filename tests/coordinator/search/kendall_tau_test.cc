#include "coordinator/search/kendall_tau.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace caviar::search {
namespace {

using Numbers = std::vector<double>;

TEST(KendallTauTest, SameAndOppositeOrder) {
  EXPECT_EQ(KendallTauB(Numbers{1, 2, 3, 4}, Numbers{10, 20, 30, 40}), 1);
  EXPECT_EQ(KendallTauB(Numbers{1, 2, 3, 4}, Numbers{4, 3, 2, 1}), -1);
}

// Of the 10 pairs of (1 2 3 4 5) and (2 1 4 3 5) two are turned round: (8 - 2) / 10.
TEST(KendallTauTest, TwoNeighboursChangePlaces) {
  EXPECT_NEAR(*KendallTauB(Numbers{1, 2, 3, 4, 5}, Numbers{2, 1, 4, 3, 5}), 0.6, 1e-15);
}

// x ties one pair of six, y another: four pairs agree, none differs; 4 / sqrt(5 * 5).
TEST(KendallTauTest, TiesCountForNeither) {
  EXPECT_NEAR(*KendallTauB(Numbers{1, 1, 2, 3}, Numbers{1, 2, 3, 3}), 4 / 5.0, 1e-15);
}

TEST(KendallTauTest, HasNoMeaningWhereNothingDiffers) {
  EXPECT_FALSE(KendallTauB(Numbers{}, Numbers{}).has_value());
  EXPECT_FALSE(KendallTauB(Numbers{1}, Numbers{1}).has_value());
  EXPECT_FALSE(KendallTauB(Numbers{1, 2}, Numbers{3, 3}).has_value());
  EXPECT_FALSE(KendallTauB(Numbers{3, 3}, Numbers{1, 2}).has_value());
}

}  // namespace
}  // namespace caviar::search
