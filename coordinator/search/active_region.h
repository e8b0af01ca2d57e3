// Where in the space a parameter is active: which values its parents, their parents and so on must
// have. Every other parameter may have any value, so the region is a box, or several.
//
// Threads:     pure functions and values.
// Shapes:      places on [0, 1] as in space.h; a choice's are its indices instead.
// Determinism: a function of the space.
#ifndef CAVIAR_COORDINATOR_SEARCH_ACTIVE_REGION_H_
#define CAVIAR_COORDINATOR_SEARCH_ACTIVE_REGION_H_

#include <vector>

#include "coordinator/search/space.h"

namespace caviar::search {

// What one parent may be.
struct ActiveSide {
  int parameter = 0;
  // Rising, each with the share of the parent's domain that it has.
  std::vector<double> places;
  std::vector<double> shares;
};

// One side a parent of any generation, by index; empty for a parameter without a condition. A side
// without places means that it never is active. O(conditions * values^2).
std::vector<ActiveSide> ActiveRegion(const Space& space, int index);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_ACTIVE_REGION_H_
