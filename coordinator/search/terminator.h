// How much more trials of a job can still bring, against what chance brings: when the first is less
// than the second, the search has found what it can (Makarova et al. 2022, "Automatic termination
// for hyperparameter optimization", section 4).
//
// A Gaussian process learns from the trials that have ended. What can still be gained is at most
// the lowest upper confidence bound among the points that were tried, minus the lowest lower bound
// anywhere. What chance brings is the noise that the process finds in the objective.
//
// Threads:     pure.
// Units:       those of the objective.
// Determinism: a function of the arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_TERMINATOR_H_
#define CAVIAR_COORDINATOR_SEARCH_TERMINATOR_H_

#include <cstdint>

#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

struct Remaining {
  double improvement = 0;  // >= 0; infinite while too little has ended to say anything
  double noise = 0;        // > 0, or 0 if nothing differs
};

// `noise_floor`: what the noise is at least, by how the objective is measured. O(n^3) for the best
// and newest n <= 200 that have ended.
Remaining AssessRemaining(const Space& space, const Observations& observations, uint64_t seed,
                          double noise_floor);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TERMINATOR_H_
