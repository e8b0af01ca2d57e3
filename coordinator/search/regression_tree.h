// One tree of a random forest: predicts a number from a row of columns by questions that each look
// at one column. It is grown until its leaves are pure; every split is the one that leaves the
// least squared error (CART: Breiman et al. 1984), among all columns. Where several are equally
// good up to rounding, which is usual among few rows, the one to be first in a random order of
// columns is taken, so that no column is favoured by its place or by the targets' last digits.
//
// Threads:     pure functions and values.
// Shapes:      columns, targets and weights are by row.
// Determinism: a function of the arguments and of the generator's state.
#ifndef CAVIAR_COORDINATOR_SEARCH_REGRESSION_TREE_H_
#define CAVIAR_COORDINATOR_SEARCH_REGRESSION_TREE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "common/random/rng.h"

namespace caviar::search {

// One input of all rows, sorted once for many trees. Immutable.
class TreeColumn {
 public:
  // No value may be NaN. Those of a choice have no order: a question asks for one of them.
  // O(n log n).
  TreeColumn(std::vector<double> values, bool is_choice);

  const std::vector<double>& values() const { return values_; }
  bool is_choice() const { return is_choice_; }
  // Rows by value, equal ones by row.
  const std::vector<uint32_t>& rows() const { return rows_; }

 private:
  std::vector<double> values_;
  bool is_choice_;
  std::vector<uint32_t> rows_;
};

struct TreeNode {
  // The column it asks about; -1 for a leaf.
  int column = -1;
  // Rows go left if their value is at most this, which is midway between two values; in a choice,
  // if it is this.
  double threshold = 0;
  // Indices in the tree.
  int left = 0;
  int right = 0;
  // Weighted mean of the targets that came here.
  double value = 0;
};

// The root first, parents before their children.
using RegressionTree = std::vector<TreeNode>;

// A row counts `weights` times: a bootstrap sample. Splits go at most `depth_max` deep.
// Requires: some weight. O(d n (log n + depth)).
RegressionTree GrowTree(std::span<const TreeColumn> columns, std::span<const double> targets,
                        std::span<const uint32_t> weights, int depth_max, Rng& rng);

// The value of the leaf to which `row` (one value a column) comes.
double Predict(const RegressionTree& tree, std::span<const TreeColumn> columns,
               std::span<const double> row);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_REGRESSION_TREE_H_
