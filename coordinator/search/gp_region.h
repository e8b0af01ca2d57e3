// Where the Gaussian process looks for its next point, and which trials it learns from there: from
// coarse to fine, in the boxes of zoom_schedule.h.
//
// One model of the whole space has to explain everything at once. A function of many dents looks
// like noise to it; close to the optimum, where dents are all there is, it has nothing to say. A
// model of what lies in and around a box that shrinks, with length scales in units of the box, sees
// first the large shape and then the dents (a trust region, as in TuRBO of Eriksson et al. 2019,
// arXiv:1910.01739, but by the budget instead of by success). Now and then a point still comes from
// a model of the whole space, for the best trials may all lie in the wrong place.
//
// Threads:     pure.
// Determinism: a function of the request.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_REGION_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_REGION_H_

#include <optional>
#include <vector>

#include "coordinator/search/gp_fit.h"
#include "coordinator/search/minimize_in_box.h"
#include "coordinator/search/sampler.h"

namespace caviar::search {

struct GpRegion {
  // Where the point shall lie, by parameter; a choice is free.
  Box box;
  // To fit the model's parameters to: no more than a hundred trials, since more would take long and
  // change them little.
  GpData fitted;
  // What the model sees: no more than a thousand, since its cost grows with their square. The best
  // and the newest in both.
  GpData seen;
};

// Everything. Requires: observations, two of which have ended. O(rows * d).
GpRegion WholeRegion(const SampleRequest& request);

// The part of the space that trial `request.trial_number` is looked for in; nullopt for all of it.
// If too few trials lie around the box, all are learnt from. The same requirements and cost.
std::optional<GpRegion> CloseRegion(const SampleRequest& request);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_REGION_H_
