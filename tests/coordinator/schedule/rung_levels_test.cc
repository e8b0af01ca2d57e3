#include "coordinator/schedule/rung_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace caviar::schedule {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<uint32_t, uint32_t>> TrialsAndEpochs(const std::vector<Bracket>& brackets) {
  std::vector<std::pair<uint32_t, uint32_t>> table;
  for (const Bracket& bracket : brackets) {
    table.emplace_back(bracket.trials, bracket.levels.front());
  }
  return table;
}

TEST(AshaLevelsTest, MultiplyByTheFactorAndEndAtTheJobsEpochs) {
  EXPECT_THAT(AshaLevels(1, 4, 64), ElementsAre(1, 4, 16, 64));
  EXPECT_THAT(AshaLevels(1, 4, 20), ElementsAre(1, 4, 16, 20));
  EXPECT_THAT(AshaLevels(3, 2, 20), ElementsAre(3, 6, 12, 20));
  EXPECT_THAT(AshaLevels(19, 2, 20), ElementsAre(19, 20));
  EXPECT_THAT(AshaLevels(1, 1'000'000, 1'000'000), ElementsAre(1, 1'000'000));
}

// Table 1 of Li et al. 2018.
TEST(HyperbandBracketsTest, AreThoseOfThePaper) {
  const std::vector<Bracket> brackets = HyperbandBrackets(1, 3, 81);
  EXPECT_THAT(TrialsAndEpochs(brackets),
              ElementsAre(Pair(81, 1), Pair(34, 3), Pair(15, 9), Pair(8, 27), Pair(5, 81)));
  EXPECT_THAT(brackets[0].levels, ElementsAre(1, 3, 9, 27, 81));
  EXPECT_THAT(brackets[3].levels, ElementsAre(27, 81));
}

// floor(log(1000) / log(10)) is 2 in floating point.
TEST(HyperbandBracketsTest, LoseNoRungToALogarithm) {
  EXPECT_THAT(TrialsAndEpochs(HyperbandBrackets(1, 10, 1000)),
              ElementsAre(Pair(1000, 1), Pair(134, 10), Pair(20, 100), Pair(4, 1000)));
  EXPECT_EQ(HyperbandBrackets(1, 3, 243).size(), 6u);
  EXPECT_EQ(HyperbandBrackets(1, 5, 125).size(), 4u);
}

TEST(HyperbandBracketsTest, RoundRungsDownAndKeepThemAboveTheMinimum) {
  EXPECT_THAT(HyperbandBrackets(1, 3, 20)[0].levels, ElementsAre(2, 6, 20));
  EXPECT_THAT(HyperbandBrackets(3, 3, 20)[0].levels, ElementsAre(6, 20));
  EXPECT_THAT(TrialsAndEpochs(HyperbandBrackets(6, 3, 20)), ElementsAre(Pair(3, 6), Pair(2, 20)));
}

}  // namespace
}  // namespace caviar::schedule
