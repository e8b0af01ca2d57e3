#include "coordinator/search/history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

TEST(HistoryTest, BestIsTheHeadOfTheSortedList) {
  for (const auto direction : {v1::Objective::MAXIMIZE, v1::Objective::MINIMIZE}) {
    Rng rng(4);
    History history(direction);
    std::vector<Point> points(500);
    std::vector<std::pair<double, uint32_t>> naive;
    for (uint32_t k = 1; k <= points.size(); ++k) {
      const double value = rng.UniformInt(100) / 7.0;
      history.AddValue(k, &points[k - 1], value);
      naive.emplace_back(direction == v1::Objective::MINIMIZE ? value : -value, k);
      if (k % 50 != 1) continue;
      std::sort(naive.begin(), naive.end());
      const std::vector<const Point*> best = history.Best(History::kBestMax);
      ASSERT_EQ(best.size(), std::min(naive.size(), History::kBestMax));
      for (size_t i = 0; i < best.size(); ++i) {
        EXPECT_EQ(best[i], &points[naive[i].second - 1]) << i;
      }
    }
    EXPECT_EQ(history.Best(3).size(), 3u);
  }
}

TEST(HistoryTest, ValuesThatAreNotFiniteChangeNothing) {
  History history;
  const Point point;
  history.AddValue(1, &point, std::nan(""));
  history.AddValue(2, &point, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(history.Best(1).empty());
}

TEST(HistoryTest, ContainsExactlyThePointsThatWereAdded) {
  Rng rng(6);
  for (int i = 0; i < 20; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 4));
    ASSERT_TRUE(space.ok());
    History history;
    std::set<std::string> added;
    for (int k = 0; k < 200; ++k) {
      std::vector<double> unit(space->size());
      for (double& u : unit) u = rng.Uniform();
      const Point point = space->AtUnit(unit);
      EXPECT_EQ(history.Contains(point), added.contains(PointText(point))) << PointText(point);
      if (k % 2 == 0) continue;
      history.AddPoint(point);
      added.insert(PointText(point));
    }
  }
}

TEST(HistoryTest, TellsWordsFromNumbersAndNamesFromValues) {
  History history;
  Point point;
  (*point.mutable_fields())["a"].set_number_value(-0.0);
  history.AddPoint(point);
  (*point.mutable_fields())["a"].set_number_value(0.0);
  EXPECT_TRUE(history.Contains(point));
  (*point.mutable_fields())["a"].set_string_value("0");
  EXPECT_FALSE(history.Contains(point));
  (*point.mutable_fields())["a"].set_bool_value(false);
  EXPECT_FALSE(history.Contains(point));
  point.clear_fields();
  EXPECT_FALSE(history.Contains(point));
  (*point.mutable_fields())["b"].set_number_value(0.0);
  EXPECT_FALSE(history.Contains(point));
}

// A trial that comes from rung to rung is told of again and again.
TEST(HistoryTest, ABetterValueOfATrialTakesThePlaceOfItsEarlierOne) {
  History history(v1::Objective::MAXIMIZE);
  Point a, b;
  (*a.mutable_fields())["a"].set_number_value(1);
  (*b.mutable_fields())["a"].set_number_value(2);
  history.AddValue(1, &a, 0.5);
  history.AddValue(2, &b, 0.6);
  history.AddValue(1, &a, 0.7);
  history.AddValue(2, &b, 0.1);  // its best stays 0.6
  EXPECT_EQ(history.Best(4), (std::vector<const Point*>{&a, &b}));
}

}  // namespace
}  // namespace caviar::search
