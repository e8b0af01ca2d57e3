#include "coordinator/search/grid.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

// The whole product, inactive parameters dropped: what a grid must be, at any cost.
std::set<std::string> NaiveGrid(const Space& space, int points) {
  std::set<std::string> combinations;
  std::vector<int> place(space.size(), 0);
  const auto steps = [&](int i) {
    const auto& values = space.parameter(i).values();
    return values.empty() ? points : static_cast<int>(values.size());
  };
  while (true) {
    std::vector<double> unit(space.size());
    for (int i = 0; i < space.size(); ++i) {
      const bool is_list = !space.parameter(i).values().empty();
      unit[i] = is_list ? (place[i] + 0.5) / steps(i) : place[i] / (points - 1.0);
    }
    combinations.insert(PointText(space.AtUnit(unit)));
    int i = 0;
    while (i < space.size() && ++place[i] == steps(i)) place[i++] = 0;
    if (i == space.size()) return combinations;
  }
}

TEST(GridTest, HasEachCombinationOfAConditionalSpaceExactlyOnce) {
  Rng rng(4);
  for (int i = 0; i < 200; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 6));
    ASSERT_TRUE(space.ok()) << space.status();
    const Grid grid(*space, 3);
    const std::set<std::string> naive = NaiveGrid(*space, 3);
    ASSERT_EQ(grid.size(), naive.size());
    std::set<std::string> seen;
    for (uint64_t index = 0; index < grid.size(); ++index) {
      seen.insert(PointText(grid.At(index)));
    }
    EXPECT_EQ(seen, naive);
  }
}

TEST(GridTest, PlacesAreEvenOnTheScaleWithBothEnds) {
  const Space space = SpaceFromJson(R"({"a": {"log": {"min": 0.0001, "max": 1}}})");
  const Grid grid(space, 5);
  ASSERT_EQ(grid.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(grid.At(i).fields().at("a").number_value(), std::pow(10, i - 4), 1e-9);
  }
}

TEST(GridTest, LastParameterMovesFastest) {
  const Space space = SpaceFromJson(R"({"a": {"values": [1, 2]}, "b": {"choice": ["x", "y"]}})");
  const Grid grid(space, 2);
  EXPECT_EQ(PointText(grid.At(0)), "a=1 b=x ");
  EXPECT_EQ(PointText(grid.At(1)), "a=1 b=y ");
  EXPECT_EQ(PointText(grid.At(2)), "a=2 b=x ");
}

TEST(GridTest, WholeNumbersThatCoincideCountOnce) {
  const Space space = SpaceFromJson(R"({"a": {"int": {"min": 1, "max": 4}}})");
  EXPECT_EQ(Grid(space, 10).size(), 4u);
  EXPECT_EQ(Grid(space, 2).size(), 2u);
}

TEST(GridTest, HopelessGridIsToldWithoutCountingIt) {
  std::string json = "{";
  for (int i = 0; i < 40; ++i) {
    json += (i > 0 ? ", \"p" : "\"p") + std::to_string(i) +
            "\": {\"uniform\": {\"min\": 0, \"max\": 1}}";
  }
  const Space space = SpaceFromJson(json + "}");
  EXPECT_EQ(Grid(space, 10).size(), Grid::kSizeMax + 1);
}

TEST(GridPointsForBudgetTest, TakesTheMostPlacesThatFit) {
  const Space two = SpaceFromJson(R"({"a": {"uniform": {"min": 0, "max": 1}},
                                      "b": {"uniform": {"min": 0, "max": 1}}})");
  EXPECT_EQ(GridPointsForBudget(two, 60), 7);
  EXPECT_EQ(GridPointsForBudget(two, 64), 8);
  EXPECT_EQ(GridPointsForBudget(two, 3), 2);  // too many, but less would be no grid
  const Space lists = SpaceFromJson(R"({"a": {"choice": ["x", "y", "z"]}})");
  EXPECT_EQ(GridPointsForBudget(lists, 60), 2);
  const Space one = SpaceFromJson(R"({"a": {"uniform": {"min": 0, "max": 1}}})");
  EXPECT_EQ(GridPointsForBudget(one, 1000000), kGridPointsMax);
}

// Whether the child is active depends on each of 2^60 combinations: there is no counting them.
TEST(GridTest, AConditionOnVeryManyParametersIsTooLargeAtOnce) {
  google::protobuf::Map<std::string, v1::Domain> domains;
  v1::Domain& child = domains["child"];
  child.mutable_uniform()->set_max(1);
  for (int i = 0; i < 60; ++i) {
    const std::string name = absl::StrCat("parent", i);
    for (const int value : {1, 2}) {
      domains[name].mutable_values()->add_values()->set_number_value(value);
    }
    (*child.mutable_when())[name].add_values()->set_number_value(1);
  }
  const absl::StatusOr<Space> space = Space::Create(domains);
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_EQ(Grid(*space, 2).size(), Grid::kSizeMax + 1);
  EXPECT_EQ(GridPointsForBudget(*space, 100), 2);
}

}  // namespace
}  // namespace caviar::search
