#include "coordinator/search/regression_tree.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "common/status/check.h"

namespace caviar::search {
namespace {

bool GoesLeft(const TreeColumn& column, double threshold, double value) {
  return column.is_choice() ? value == threshold : value <= threshold;
}

// A place between two values, at which the smaller one still is on the left.
double Between(double small, double large) {
  const double middle = small + (large - small) / 2;
  return middle < large ? middle : small;
}

// A split must explain so many times as much as another to be better: a smaller difference may be
// rounding's, which leans the same way in every tree.
constexpr double kBetter = 1 + 1e-12;

// Of the rows that came to a node, by weight.
struct Tally {
  double weight = 0;
  double sum = 0;
  void Add(double row_weight, double row_sum) {
    weight += row_weight;
    sum += row_sum;
  }
};

struct Split {
  int column = -1;
  double threshold = 0;
  // What the split adds to the sum of squares that the means explain; larger is better.
  double explained = 0;
};

class Grower {
 public:
  Grower(std::span<const TreeColumn> columns, std::span<const double> targets,
         std::span<const uint32_t> weights, int depth_max, Rng& rng)
      : columns_(columns),
        targets_(targets),
        weights_(weights),
        depth_max_(depth_max),
        rng_(rng),
        goes_left_(targets.size()) {
    for (const TreeColumn& column : columns_) {
      std::vector<uint32_t>& rows = rows_.emplace_back();
      for (const uint32_t row : column.rows()) {
        if (weights_[row] > 0) rows.push_back(row);
      }
    }
    column_order_.resize(columns_.size());
    std::iota(column_order_.begin(), column_order_.end(), 0);
    scratch_.resize(rows_.empty() ? 0 : rows_[0].size());
  }

  RegressionTree Run() {
    CAVIAR_CHECK(!rows_.empty() && !rows_[0].empty()) << "a tree of no rows";
    tree_.emplace_back();
    std::vector<Range> waiting = {{0, 0, rows_[0].size(), 0}};
    while (!waiting.empty()) {
      const Range range = waiting.back();
      waiting.pop_back();
      const Split split = Describe(range);
      if (split.column < 0) continue;
      const size_t middle = Divide(range, split);
      const int left = static_cast<int>(tree_.size());
      tree_.resize(tree_.size() + 2);
      TreeNode& node = tree_[range.node];
      node.column = split.column;
      node.threshold = split.threshold;
      node.left = left;
      node.right = left + 1;
      waiting.push_back({left, range.begin, middle, range.depth + 1});
      waiting.push_back({left + 1, middle, range.end, range.depth + 1});
    }
    return std::move(tree_);
  }

 private:
  // The rows of a node are [begin, end) in the list of each column.
  struct Range {
    int node = 0;
    size_t begin = 0;
    size_t end = 0;
    int depth = 0;
  };

  // Notes the node's value and finds its split; none where it is to be a leaf.
  Split Describe(const Range& range) {
    Tally all;
    double least = targets_[rows_[0][range.begin]];
    double largest = least;
    for (size_t i = range.begin; i < range.end; ++i) {
      const uint32_t row = rows_[0][i];
      all.Add(weights_[row], weights_[row] * targets_[row]);
      least = std::min(least, targets_[row]);
      largest = std::max(largest, targets_[row]);
    }
    tree_[range.node].value = all.sum / all.weight;
    Split best;
    if (least == largest || range.depth == depth_max_) return best;
    rng_.Shuffle(std::span<int>(column_order_));
    for (const int column : column_order_) {
      const std::vector<uint32_t>& rows = rows_[column];
      const std::vector<double>& values = columns_[column].values();
      if (values[rows[range.begin]] == values[rows[range.end - 1]]) continue;
      if (columns_[column].is_choice()) {
        FindChoice(range, column, all, best);
      } else {
        FindThreshold(range, column, all, best);
      }
    }
    return best;
  }

  static void Offer(const Tally& left, const Tally& all, int column, double threshold,
                    Split& best) {
    const double right_sum = all.sum - left.sum;
    const double explained =
        left.sum * left.sum / left.weight + right_sum * right_sum / (all.weight - left.weight);
    if (best.column < 0 || explained > best.explained * kBetter) {
      best = {column, threshold, explained};
    }
  }

  void FindThreshold(const Range& range, int column, const Tally& all, Split& best) const {
    const std::vector<uint32_t>& rows = rows_[column];
    const std::vector<double>& values = columns_[column].values();
    Tally left;
    for (size_t i = range.begin; i + 1 < range.end; ++i) {
      left.Add(weights_[rows[i]], weights_[rows[i]] * targets_[rows[i]]);
      const double value = values[rows[i]];
      const double next = values[rows[i + 1]];
      if (value != next) Offer(left, all, column, Between(value, next), best);
    }
  }

  void FindChoice(const Range& range, int column, const Tally& all, Split& best) const {
    const std::vector<uint32_t>& rows = rows_[column];
    const std::vector<double>& values = columns_[column].values();
    Tally left;
    for (size_t i = range.begin; i < range.end; ++i) {
      left.Add(weights_[rows[i]], weights_[rows[i]] * targets_[rows[i]]);
      const double value = values[rows[i]];
      if (i + 1 < range.end && values[rows[i + 1]] == value) continue;
      Offer(left, all, column, value, best);
      left = Tally();
    }
  }

  // Moves the rows that go left to the front of each column's list, in the order in which they
  // are; the place of the first that goes right.
  size_t Divide(const Range& range, const Split& split) {
    const TreeColumn& by = columns_[split.column];
    for (size_t i = range.begin; i < range.end; ++i) {
      const uint32_t row = rows_[0][i];
      goes_left_[row] = GoesLeft(by, split.threshold, by.values()[row]);
    }
    size_t middle = range.begin;
    for (std::vector<uint32_t>& rows : rows_) {
      size_t left = range.begin;
      size_t right = 0;
      for (size_t i = range.begin; i < range.end; ++i) {
        const uint32_t row = rows[i];
        // Both are written and one is kept: cheaper than a branch that goes either way.
        rows[left] = row;
        scratch_[right] = row;
        left += goes_left_[row];
        right += 1 - goes_left_[row];
      }
      std::copy_n(scratch_.begin(), right, rows.begin() + left);
      middle = left;
    }
    return middle;
  }

  const std::span<const TreeColumn> columns_;
  const std::span<const double> targets_;
  const std::span<const uint32_t> weights_;
  const int depth_max_;
  Rng& rng_;

  std::vector<std::vector<uint32_t>> rows_;  // by column
  std::vector<int> column_order_;
  std::vector<uint8_t> goes_left_;  // by row
  std::vector<uint32_t> scratch_;
  RegressionTree tree_;
};

}  // namespace

TreeColumn::TreeColumn(std::vector<double> values, bool is_choice)
    : values_(std::move(values)), is_choice_(is_choice), rows_(values_.size()) {
  std::iota(rows_.begin(), rows_.end(), 0);
  std::sort(rows_.begin(), rows_.end(), [this](uint32_t a, uint32_t b) {
    return values_[a] != values_[b] ? values_[a] < values_[b] : a < b;
  });
}

RegressionTree GrowTree(std::span<const TreeColumn> columns, std::span<const double> targets,
                        std::span<const uint32_t> weights, int depth_max, Rng& rng) {
  return Grower(columns, targets, weights, depth_max, rng).Run();
}

double Predict(const RegressionTree& tree, std::span<const TreeColumn> columns,
               std::span<const double> row) {
  const TreeNode* node = &tree[0];
  while (node->column >= 0) {
    const bool left = GoesLeft(columns[node->column], node->threshold, row[node->column]);
    node = &tree[left ? node->left : node->right];
  }
  return node->value;
}

}  // namespace caviar::search
