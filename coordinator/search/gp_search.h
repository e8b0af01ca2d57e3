// Finds the point that promises most: many candidates from all over a box and from around the best
// trials, the most promising climbed by gradient on their ranges and by neighbouring values
// elsewhere. All of it stays inside what constraints allow.
//
// Threads:     pure.
// Determinism: a function of its arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_SEARCH_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_SEARCH_H_

#include <cstdint>
#include <optional>

#include "coordinator/search/gp_acquisition.h"
#include "coordinator/search/gp_model.h"
#include "coordinator/search/minimize_in_box.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

struct GpSearch {
  const Space& space;
  const Observations& observations;
  const GpModel& model;
  GpAcquisition acquisition;
  // Where the point shall lie, by parameter; a choice is free. Where a step to the next whole
  // number leads out, or nothing inside is allowed, it may lie outside.
  Box within;
  uint64_t seed = 0;
};

// All of the unit cube.
Box WholeBox(const Space& space);

// Null if every candidate is a point already tried, or nothing that is allowed was found. O(n^2) a
// candidate, some 500 of them.
std::optional<Point> MostPromising(const GpSearch& search);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_SEARCH_H_
