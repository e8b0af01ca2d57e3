// Where in the unit cube a trial falls, from seeds that belong to trial and parameter.
//
// Threads:     pure.
// Determinism: functions of (seed, trial number, names of the parameters).
#ifndef CAVIAR_COORDINATOR_SEARCH_UNIT_DRAW_H_
#define CAVIAR_COORDINATOR_SEARCH_UNIT_DRAW_H_

#include <cstdint>
#include <vector>

#include "coordinator/search/space.h"

namespace caviar::search {

// One uniform u in [0, 1) a parameter, by index, each from DeriveSeed(DeriveSeed(seed,
// trial_number), its name): one parameter more or less in the space changes no other draw.
std::vector<double> DrawUnit(const Space& space, uint64_t seed, uint32_t trial_number);

// The same from the scrambled Sobol sequence: trial k takes vector k - 1.
std::vector<double> SobolUnit(const Space& space, uint64_t seed, uint32_t trial_number);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_UNIT_DRAW_H_
