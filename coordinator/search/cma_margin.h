// Keeps a whole number from freezing: without it CMA-ES shrinks until every draw rounds to the same
// value, though a neighbour may be better.
//
// Hamano, Saito, Nomura and Shirakawa 2022, "CMA-ES with Margin: Lower-Bounding Marginal
// Probability for Mixed-Integer Black-Box Optimization", arXiv:2205.13482, section 4.
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_CMA_MARGIN_H_
#define CAVIAR_COORDINATOR_SEARCH_CMA_MARGIN_H_

#include <span>

#include "coordinator/search/cma_es.h"

namespace caviar::search {

// Moves mean and standard deviation of coordinate `i` just so far that a draw leaves the mean's
// value with probability `margin` or more: by half of that to either side, or by all of it to the
// only side there is. `thresholds` rise; each parts two neighbouring values. Requires: at least one
// threshold; 0 < margin < 0.5.
void KeepMargin(CmaEs& distribution, int i, std::span<const double> thresholds, double margin);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CMA_MARGIN_H_
