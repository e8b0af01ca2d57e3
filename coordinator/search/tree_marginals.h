// What a regression tree over a search space says of each parameter alone: the mean of its
// prediction over all other parameters, as a function of this one, and how much that varies.
// A tree cuts the space into boxes, so both are exact (Hutter et al. 2014, "An Efficient Approach
// for Assessing Hyperparameter Importance", ICML, algorithm 2).
//
// Parameters are independent and uniform over their places, choices over their values. One with a
// condition is averaged over the region in which it is active, and its variance counts by the size
// of that region.
//
// Threads:     pure functions and values.
// Shapes:      a tree's columns are the space's parameters, by index: places, and indices of
//              choices.
// Determinism: a function of the arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_TREE_MARGINALS_H_
#define CAVIAR_COORDINATOR_SEARCH_TREE_MARGINALS_H_

#include <cstddef>
#include <vector>

#include "coordinator/search/active_region.h"
#include "coordinator/search/regression_tree.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// What there is to know of a parameter to measure boxes.
struct TreeAxis {
  // Number of values of a choice; 0 for places.
  size_t choices = 0;
  // Where it is active; empty for everywhere.
  std::vector<ActiveSide> region;
};

std::vector<TreeAxis> TreeAxesOf(const Space& space);

struct MarginalVariances {
  // Of the tree's prediction over the space.
  double total = 0;
  // Of each parameter's marginal, by index.
  std::vector<double> marginal;
};

// O(leaves * (d + log leaves)), where a choice counts as many times as it has values.
MarginalVariances MarginalVariancesOf(const RegressionTree& tree,
                                      const std::vector<TreeAxis>& axes);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TREE_MARGINALS_H_
