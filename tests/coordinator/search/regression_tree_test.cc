#include "coordinator/search/regression_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace caviar::search {
namespace {

TEST(RegressionTreeTest, SplitsMidwayWhereTheErrorFallsMost) {
  const std::vector<TreeColumn> columns = {TreeColumn({0.1, 0.2, 0.6, 0.8}, false)};
  const std::vector<double> targets = {1, 1, 5, 5};
  Rng rng(1);
  const RegressionTree tree =
      GrowTree(columns, targets, std::vector<uint32_t>{1, 1, 1, 1}, 64, rng);
  ASSERT_EQ(tree.size(), 3u);
  EXPECT_DOUBLE_EQ(tree[0].threshold, 0.4);
  EXPECT_DOUBLE_EQ(tree[0].value, 3);
  EXPECT_EQ(Predict(tree, columns, std::vector<double>{0.4}), 1);
  EXPECT_EQ(Predict(tree, columns, std::vector<double>{0.41}), 5);
}

TEST(RegressionTreeTest, AsksForOneValueOfAChoice) {
  const std::vector<TreeColumn> columns = {TreeColumn({0, 1, 2, 1}, true)};
  const std::vector<double> targets = {1, 9, 1, 9};
  Rng rng(1);
  const RegressionTree tree =
      GrowTree(columns, targets, std::vector<uint32_t>{1, 1, 1, 1}, 64, rng);
  ASSERT_EQ(tree.size(), 3u);
  EXPECT_EQ(tree[0].threshold, 1);
  EXPECT_EQ(tree[tree[0].left].value, 9);
  EXPECT_EQ(tree[tree[0].right].value, 1);
}

TEST(RegressionTreeTest, CountsRowsByTheirWeight) {
  const std::vector<TreeColumn> columns = {TreeColumn({0.5, 0.5, 0.9}, false)};
  Rng rng(1);
  const RegressionTree tree =
      GrowTree(columns, std::vector<double>{0, 1, 100}, std::vector<uint32_t>{3, 1, 0}, 64, rng);
  ASSERT_EQ(tree.size(), 1u) << "the row that differs has no weight";
  EXPECT_DOUBLE_EQ(tree[0].value, 0.25);
}

TEST(RegressionTreeTest, StopsAtItsDepth) {
  std::vector<double> places, targets;
  for (int i = 0; i < 64; ++i) {
    places.push_back(i / 64.0);
    targets.push_back(i);
  }
  const std::vector<TreeColumn> columns = {TreeColumn(places, false)};
  Rng rng(1);
  const std::vector<uint32_t> weights(64, 1);
  EXPECT_EQ(GrowTree(columns, targets, weights, 3, rng).size(), 15u);
  EXPECT_EQ(GrowTree(columns, targets, weights, 64, rng).size(), 127u);
}

// Without a random order the first column would get all splits between two rows.
TEST(RegressionTreeTest, FavoursNoColumnAmongEquallyGoodOnes) {
  const std::vector<TreeColumn> columns = {TreeColumn({0, 1}, false), TreeColumn({0, 1}, false)};
  const std::vector<double> targets = {0, 1};
  const std::vector<uint32_t> weights = {1, 1};
  Rng rng(7);
  int first = 0;
  for (int i = 0; i < 1000; ++i) {
    first += GrowTree(columns, targets, weights, 64, rng)[0].column == 0;
  }
  EXPECT_GT(first, 400);
  EXPECT_LT(first, 600);
}

// Which of two rows is on the left changes the last digits of what a split explains.
TEST(RegressionTreeTest, LetsRoundingFavourNoColumn) {
  const std::vector<TreeColumn> columns = {TreeColumn({0, 1}, false), TreeColumn({1, 0}, false)};
  Rng rng(5);
  for (int pair = 0; pair < 50; ++pair) {
    const std::vector<double> targets = {rng.Normal(), rng.Normal()};
    const std::vector<uint32_t> weights = {1 + rng.UniformInt(3), 1 + rng.UniformInt(3)};
    int first = 0;
    for (int i = 0; i < 100; ++i) {
      first += GrowTree(columns, targets, weights, 64, rng)[0].column == 0;
    }
    EXPECT_GT(first, 20) << targets[0] << " and " << targets[1];
    EXPECT_LT(first, 80) << targets[0] << " and " << targets[1];
  }
}

TEST(RegressionTreeTest, LearnsEveryRowThatHasAPlaceOfItsOwn) {
  Rng rng(11);
  for (int round = 0; round < 50; ++round) {
    const int rows = 2 + static_cast<int>(rng.UniformInt(60));
    std::vector<double> places, choices, targets;
    for (int i = 0; i < rows; ++i) {
      places.push_back(rng.Uniform());
      choices.push_back(rng.UniformInt(3));
      targets.push_back(rng.Normal());
    }
    const std::vector<TreeColumn> columns = {TreeColumn(places, false), TreeColumn(choices, true)};
    const std::vector<uint32_t> weights(rows, 1);
    const RegressionTree tree = GrowTree(columns, targets, weights, 1000, rng);
    for (int i = 0; i < rows; ++i) {
      EXPECT_EQ(Predict(tree, columns, std::vector<double>{places[i], choices[i]}), targets[i]);
    }
  }
}

}  // namespace
}  // namespace caviar::search
