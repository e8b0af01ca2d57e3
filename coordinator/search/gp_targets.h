// Which trials the Gaussian process learns from, and the numbers it learns.
//
// Losses above the median keep their order alone: they are spread like the upper half of a normal
// distribution as wide as the lower half is (the half-rank warping of Vizier, arXiv:2408.11527).
// What lies far from the optimum, often by orders of magnitude, cannot flatten what lies near it.
// A trial that was stopped early counts with the loss it had, but as no better than the best that
// completed; an infeasible one, or one without a loss, like the worst.
//
// Threads:     pure.
// Determinism: a function of the observations.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_TARGETS_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_TARGETS_H_

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "coordinator/search/observations.h"

namespace caviar::search {

// Rows that have ended, in their order, of those that `counts` says; of more than `count`, the
// better half by rank and, for the other half, the newest of the rest.
std::vector<size_t> BestAndNewest(
    const Observations& observations, size_t count,
    const std::function<bool(size_t row)>& counts = [](size_t) { return true; });

// Warped as above, with mean 0 and variance 1 (all 0 where all are equal). One a row.
std::vector<double> GpTargets(const Observations& observations, std::span<const size_t> rows);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_TARGETS_H_
