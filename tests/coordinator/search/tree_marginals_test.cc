#include "coordinator/search/tree_marginals.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

// A part of a parameter's domain in which a tree's prediction does not change.
struct Cell {
  double value = 0;  // as in a tree's column
  double place = 0;
  double share = 0;
};

std::vector<Cell> CellsOf(const Parameter& parameter, int column, const RegressionTree& tree) {
  std::vector<Cell> cells;
  if (parameter.kind() == Parameter::Kind::kChoice) {
    const double count = static_cast<double>(parameter.values().size());
    for (int i = 0; i < count; ++i) {
      cells.push_back({static_cast<double>(i), (i + 0.5) / count, 1 / count});
    }
    return cells;
  }
  std::set<double> ends = {0, 1};
  for (const TreeNode& node : tree) {
    if (node.column == column) ends.insert(node.threshold);
  }
  for (auto end = std::next(ends.begin()); end != ends.end(); ++end) {
    const double low = *std::prev(end);
    cells.push_back({(low + *end) / 2, (low + *end) / 2, *end - low});
  }
  return cells;
}

// The definition, cell by cell of the whole space.
class Oracle {
 public:
  Oracle(const Space& space, std::span<const TreeColumn> columns, const RegressionTree& tree)
      : space_(space), columns_(columns), tree_(tree), active_share_(space.size(), 0) {
    for (int i = 0; i < space.size(); ++i) {
      cells_.push_back(CellsOf(space.parameter(i), i, tree));
      sums_.emplace_back(cells_.back().size(), 0.0);
    }
    at_.resize(space.size());
    Visit(0, 1);
  }

  double Total() const { return squares_ - mean_ * mean_; }

  double Marginal(int i) const {
    if (active_share_[i] == 0) return 0;
    double mean = 0, squares = 0;
    for (size_t cell = 0; cell < cells_[i].size(); ++cell) {
      const double value = sums_[i][cell] / cells_[i][cell].share / active_share_[i];
      mean += cells_[i][cell].share * value;
      squares += cells_[i][cell].share * value * value;
    }
    return active_share_[i] * (squares - mean * mean);
  }

 private:
  void Visit(int column, double share) {
    if (column < space_.size()) {
      for (size_t i = 0; i < cells_[column].size(); ++i) {
        at_[column] = i;
        Visit(column + 1, share * cells_[column][i].share);
      }
      return;
    }
    std::vector<double> row, unit;
    for (int i = 0; i < space_.size(); ++i) {
      row.push_back(cells_[i][at_[i]].value);
      unit.push_back(cells_[i][at_[i]].place);
    }
    const double value = Predict(tree_, columns_, row);
    mean_ += share * value;
    squares_ += share * value * value;
    const Point point = space_.AtUnit(unit);
    for (int i = 0; i < space_.size(); ++i) {
      if (!point.fields().contains(space_.parameter(i).name())) continue;
      sums_[i][at_[i]] += share * value;
      active_share_[i] += share;
    }
  }

  const Space& space_;
  std::span<const TreeColumn> columns_;
  const RegressionTree& tree_;
  std::vector<std::vector<Cell>> cells_;
  std::vector<std::vector<double>> sums_;
  std::vector<double> active_share_;
  std::vector<size_t> at_;
  double mean_ = 0;
  double squares_ = 0;
};

// Up to four parameters, reals and choices, most of them with conditions on choices before them.
Space RandomSmallSpace(Rng& rng) {
  google::protobuf::Map<std::string, v1::Domain> domains;
  std::vector<std::string> parents;
  for (uint32_t i = 0; i < 2 + rng.UniformInt(3); ++i) {
    const std::string name = absl::StrCat("p", i);
    v1::Domain& domain = domains[name];
    for (const std::string& parent : parents) {
      if (rng.UniformInt(2) == 0) continue;
      const auto& choices = domains[parent].choice().values();
      for (const auto& choice : choices) {
        if (rng.UniformInt(2) == 0) *(*domain.mutable_when())[parent].add_values() = choice;
      }
    }
    for (auto when = domain.mutable_when()->begin(); when != domain.mutable_when()->end();) {
      when = when->second.values_size() == 0 ? domain.mutable_when()->erase(when) : std::next(when);
    }
    if (rng.UniformInt(2) == 0) {
      domain.mutable_uniform()->set_max(1);
      continue;
    }
    for (uint32_t value = 0; value < 2 + rng.UniformInt(3); ++value) {
      domain.mutable_choice()->add_values()->set_number_value(value);
    }
    parents.push_back(name);
  }
  return Space::Create(domains).value();
}

TEST(TreeMarginalsTest, AreThoseOfTheDefinitionInRandomConditionalSpaces) {
  Rng rng(5);
  for (int round = 0; round < 300; ++round) {
    const Space space = RandomSmallSpace(rng);
    const int rows = 2 + static_cast<int>(rng.UniformInt(25));
    std::vector<TreeColumn> columns;
    for (int i = 0; i < space.size(); ++i) {
      const Parameter& parameter = space.parameter(i);
      const bool is_choice = parameter.kind() == Parameter::Kind::kChoice;
      std::vector<double> values;
      for (int row = 0; row < rows; ++row) {
        const double place = rng.Uniform();
        values.push_back(is_choice ? parameter.IndexAt(place) : place);
      }
      columns.emplace_back(values, is_choice);
    }
    std::vector<double> targets;
    for (int row = 0; row < rows; ++row) targets.push_back(rng.Normal());
    const RegressionTree tree = GrowTree(columns, targets, std::vector<uint32_t>(rows, 1), 64, rng);

    const MarginalVariances variances = MarginalVariancesOf(tree, TreeAxesOf(space));
    const Oracle oracle(space, columns, tree);
    EXPECT_NEAR(variances.total, oracle.Total(), 1e-9);
    for (int i = 0; i < space.size(); ++i) {
      EXPECT_NEAR(variances.marginal[i], oracle.Marginal(i), 1e-9) << round << " " << i;
    }
  }
}

// units is active for 3 or 4 of the 4 layers, half of the space, where its marginal is 0 or 8.
TEST(TreeMarginalsTest, CountAConditionalParameterByTheShareOfSpaceWhereItIsActive) {
  const Space space = SpaceFromJson(R"({
      "layers": {"int": {"min": 1, "max": 4}},
      "units": {"uniform": {"min": 0, "max": 1}, "when": {"layers": [3, 4]}}})");
  RegressionTree tree(5);
  tree[0] = {.column = 0, .threshold = 0.5, .left = 1, .right = 2};
  tree[1].value = 4;
  tree[2] = {.column = 1, .threshold = 0.5, .left = 3, .right = 4};
  tree[3].value = 0;
  tree[4].value = 8;
  const MarginalVariances variances = MarginalVariancesOf(tree, TreeAxesOf(space));
  EXPECT_DOUBLE_EQ(variances.total, 8);
  EXPECT_DOUBLE_EQ(variances.marginal[0], 0);
  EXPECT_DOUBLE_EQ(variances.marginal[1], 0.5 * 16);
}

TEST(ActiveRegionTest, JoinsTheConditionsOfAllGenerations) {
  const Space space = SpaceFromJson(R"({
      "a": {"choice": ["x", "y", "z"]},
      "b": {"values": [1, 2, 4, 8], "when": {"a": ["x", "y"]}},
      "c": {"uniform": {"min": 0, "max": 1}, "when": {"a": ["y", "z"], "b": [2, 8]}}})");
  EXPECT_TRUE(ActiveRegion(space, 0).empty());
  const std::vector<ActiveSide> region = ActiveRegion(space, 2);
  ASSERT_EQ(region.size(), 2u);
  EXPECT_EQ(region[0].parameter, 0);
  EXPECT_EQ(region[0].places, std::vector<double>({1}));
  EXPECT_EQ(region[0].shares, std::vector<double>({1.0 / 3}));
  EXPECT_EQ(region[1].places, std::vector<double>({0.375, 0.875}));
  EXPECT_EQ(region[1].shares, std::vector<double>({0.25, 0.25}));
}

}  // namespace
}  // namespace caviar::search
