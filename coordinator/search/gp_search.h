// Finds the point that promises most: many candidates from the whole space and from around the best
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
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

struct GpSearch {
  const Space& space;
  const Observations& observations;
  const GpModel& model;
  GpAcquisition acquisition;
  uint64_t seed = 0;
};

// Null if every candidate is a point already tried, or nothing that is allowed was found. O(n^2) a
// candidate, some 500 of them.
std::optional<Point> MostPromising(const GpSearch& search);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_SEARCH_H_
