// Whether a point was tried: for spaces where two draws may be the same.
//
// Threads:     pure.
// Determinism: a function of its arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_KNOWN_POINT_H_
#define CAVIAR_COORDINATOR_SEARCH_KNOWN_POINT_H_

#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// True if a trial of this job, ended or not, has this point. A point with a real value on a range
// never counts as known: two draws are never the same. O(rows * d), O(d) where there is such a
// value.
bool IsKnownPoint(const Space& space, const Observations& observations, const Point& point);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_KNOWN_POINT_H_
