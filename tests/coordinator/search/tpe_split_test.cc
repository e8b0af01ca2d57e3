#include "coordinator/search/tpe_split.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

using Outcome = Observations::Outcome;

Space Line() { return SpaceFromJson(R"({"x": {"uniform": {"min": 0, "max": 1}}})"); }

Point At(double x) {
  Point point;
  (*point.mutable_fields())["x"].set_number_value(x);
  return point;
}

struct Ended {
  Outcome outcome;
  std::optional<double> value;
  uint32_t epochs = 1;
};

// Trial k lies at k / 100.
Observations ObservationsOf(const std::vector<Ended>& trials) {
  const Space space = Line();
  Observations observations(space, v1::Objective::MINIMIZE);
  for (size_t k = 0; k < trials.size(); ++k) {
    const auto number = static_cast<uint32_t>(k + 1);
    observations.AddTrial(space, At(0.01 * number));
    if (trials[k].outcome == Outcome::kPending) continue;
    observations.EndTrial(number, trials[k].outcome, trials[k].value, trials[k].epochs);
  }
  return observations;
}

std::vector<size_t> RankedRows(const Observations& observations) {
  std::vector<size_t> rows;
  for (const auto& ranked : observations.ranking()) rows.push_back(ranked.row);
  return rows;
}

TEST(GoodTrialsTest, IsATenthRoundedUpAndBounded) {
  EXPECT_EQ(GoodTrials(1, 0.1, 25), 1u);
  EXPECT_EQ(GoodTrials(10, 0.1, 25), 1u);
  EXPECT_EQ(GoodTrials(11, 0.1, 25), 2u);
  EXPECT_EQ(GoodTrials(100, 0.1, 25), 10u);
  EXPECT_EQ(GoodTrials(250, 0.1, 25), 25u);
  EXPECT_EQ(GoodTrials(251, 0.1, 25), 25u);
  EXPECT_EQ(GoodTrials(20, 0.15, 25), 3u);  // in binary the product lies above 3
}

TEST(ObservationsTest, RankCompletedThenPrunedByHowFarTheyCameThenInfeasible) {
  const Observations observations = ObservationsOf({
      {Outcome::kPruned, 0.1, 3},       // 0: short, so its value says less
      {Outcome::kInfeasible, 0.0},      // 1
      {Outcome::kCompleted, 0.5, 9},    // 2
      {Outcome::kPruned, 0.9, 7},       // 3
      {Outcome::kPending, {}},          // 4
      {Outcome::kCompleted, 0.4, 2},    // 5
      {Outcome::kPruned, {}, 8},        // 6: nothing was measured
      {Outcome::kPruned, 0.8, 7},       // 7
      {Outcome::kCompleted, 0.4, 100},  // 8: as good as 5, and later
  });
  EXPECT_EQ(RankedRows(observations), (std::vector<size_t>{5, 8, 2, 7, 3, 0, 1, 6}));
  EXPECT_EQ(observations.valued(), 6u);
}

TEST(SplitTrialsTest, WeighsGoodTrialsByRankInTheOrderOfRows) {
  const Observations observations = ObservationsOf({{Outcome::kCompleted, 0.3},
                                                    {Outcome::kCompleted, 0.9},
                                                    {Outcome::kCompleted, 0.1},
                                                    {Outcome::kPending, {}},
                                                    {Outcome::kCompleted, 0.2}});
  const TpeSplit split = SplitTrials(observations, 3);
  ASSERT_EQ(split.good.rows, 3u);
  // ln 3.5 - ln 1, - ln 2 and - ln 3 for ranks 1, 2 and 3: 1.2528, 0.5596, 0.1542, of 1.9665.
  EXPECT_NEAR(split.good.weights[0], 0.1542 * 3 / 1.9665, 1e-3);  // 0.3 is third
  EXPECT_NEAR(split.good.weights[1], 1.2528 * 3 / 1.9665, 1e-3);
  EXPECT_NEAR(split.good.weights[2], 0.5596 * 3 / 1.9665, 1e-3);
  EXPECT_EQ(split.good.columns[0][1], 0.03);
  // The rest is all rows in place; the running trial is one of them.
  EXPECT_EQ(split.rest.rows, 2u);
  EXPECT_EQ(split.rest.weights, (std::vector<float>{0, 1, 0, 1, 0}));
  EXPECT_EQ(split.rest.columns[0].size(), 5u);
}

TEST(SplitTrialsTest, WeighsOldTrialsOfTheRestLess) {
  std::vector<Ended> trials(29, {Outcome::kCompleted, 1.0});
  trials[1].value = 0.5;
  const TpeSplit split = SplitTrials(ObservationsOf(trials), 1);
  // 28 remain: the newest 25 count in full, the 3 before rise from 1/28.
  EXPECT_FLOAT_EQ(split.rest.weights[0], 1.0f / 28);
  EXPECT_EQ(split.rest.weights[1], 0.0f);
  EXPECT_FLOAT_EQ(split.rest.weights[2], (1 + 1.0f / 28) / 2);
  for (size_t row = 3; row < 29; ++row) EXPECT_EQ(split.rest.weights[row], 1.0f) << row;
}

TEST(SplitTrialsTest, TakesNoTrialWithoutAValueForAGoodOne) {
  const Observations observations = ObservationsOf(
      {{Outcome::kInfeasible, 0.1}, {Outcome::kPruned, {}}, {Outcome::kCompleted, 3.0}});
  EXPECT_EQ(SplitTrials(observations, 3).good.rows, 1u);
  EXPECT_EQ(SplitTrials(ObservationsOf({{Outcome::kInfeasible, {}}}), 1).good.rows, 0u);
}

}  // namespace
}  // namespace caviar::search
