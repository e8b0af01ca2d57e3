// Points that the space's constraints allow, for samplers to start from and to fall back on.
//
// A trial's first draw is the one that it has without constraints; each further one comes from a
// seed derived from it. Where blind draws find nothing, the best of them is mended: one parameter
// of a broken constraint is drawn again, and kept if less is broken. So a space is drawn from
// evenly unless little of it is allowed.
//
// Threads:     pure.
// Errors:      kOutOfRange: no point was found, which means that there is none or that almost
//              nothing is allowed. Never in a space without constraints.
// Determinism: functions of their arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_ALLOWED_POINT_H_
#define CAVIAR_COORDINATOR_SEARCH_ALLOWED_POINT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// By DrawUnit(). Values in `given` are taken as they are where their parameter is active.
// O(d) where most is allowed; some 10 ms before it gives up.
absl::StatusOr<Point> DrawAllowed(const Space& space, uint64_t seed, uint32_t trial_number,
                                  const Point& given = Point());

// By SobolUnit(): the trial's vector, or that of a few other scramblings of the sequence; then as
// above.
absl::StatusOr<Point> SobolAllowed(const Space& space, uint64_t seed, uint32_t trial_number);

// Of `draws` blind draws from the space, how many are allowed; stops once it is plain that they are
// more than a hundredth.
struct AllowedShare {
  int draws = 0;
  int allowed = 0;
};
AllowedShare MeasureAllowedShare(const Space& space);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_ALLOWED_POINT_H_
