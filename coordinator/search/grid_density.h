// The smoothed density of trials over the cells of a grid, as PED-ANOVA compares them: a kernel on
// each cell that holds trials, weighted by their number, and one more of weight 1 that is flat, so
// that no cell is impossible.
//
// Parzen estimator, bandwidth and prior are those of Optuna's PED-ANOVA (Scott 1992, Multivariate
// Density Estimation: Scott's rule from the smaller of deviation and interquartile range).
//
// Threads:     pure functions.
// Shapes:      counts of trials, by cell; the answer has one density a cell, in sum 1.
// Determinism: a function of the counts.
#ifndef CAVIAR_COORDINATOR_SEARCH_GRID_DENSITY_H_
#define CAVIAR_COORDINATOR_SEARCH_GRID_DENSITY_H_

#include <cstdint>
#include <span>
#include <vector>

namespace caviar::search {

// Cells in a row: normal kernels, cut at the grid's ends. Requires: some trial. O(cells^2).
std::vector<double> OrderedDensity(std::span<const uint64_t> counts);

// Cells without an order. Requires: some trial. O(cells).
std::vector<double> ChoiceDensity(std::span<const uint64_t> counts);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GRID_DENSITY_H_
