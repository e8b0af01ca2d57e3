// Another point near one that has proved itself, for a trial that goes on from its weights (pbt,
// Jaderberg et al. 2017, "explore").
//
// Threads:     pure.
// Determinism: by seed and parameter name.
#ifndef CAVIAR_COORDINATOR_SEARCH_PERTURB_POINT_H_
#define CAVIAR_COORDINATOR_SEARCH_PERTURB_POINT_H_

#include <cstdint>

#include "coordinator/search/space.h"

namespace caviar::search {

// Each parameter that may change while a trial trains is drawn anew from the space with probability
// `resample`, else changed: a number by a factor of 1.2 or 0.8, inside its domain (1 - x of a
// log_complement, which is what acts), whole ones rounded; a list's value becomes a neighbour; a
// choice stays. All others stay as they are, for the weights fit them; and so does what their
// activity depends on. Constraints that hold for `point` hold for what comes of it. Requires: 0 <=
// resample <= 1; `point` is one of the space. O(d).
Point PerturbPoint(const Space& space, const Point& point, double resample, uint64_t seed);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_PERTURB_POINT_H_
