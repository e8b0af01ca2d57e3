// How tpe divides what it knows: the good trials, whose density it looks for, and the rest.
//
// Threads:     pure.
// Determinism: a function of the arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_TPE_SPLIT_H_
#define CAVIAR_COORDINATOR_SEARCH_TPE_SPLIT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "coordinator/search/observations.h"

namespace caviar::search {

// Rows of Observations by rising index, and how much each counts; all weights > 0.
struct TrialGroup {
  std::vector<uint32_t> rows;
  std::vector<float> weights;
};

struct TpeSplit {
  TrialGroup good;
  TrialGroup rest;
};

// How many of `ended` trials are good: ceil(share * ended), at most `max`.
size_t GoodTrials(size_t ended, double share, size_t max);

// The first `good` rows of the ranking that have a loss, and all others. Pending rows are with the
// rest: until they end they are taken for bad ones, which keeps proposals apart (a constant liar).
//
// A good row's weight falls with its rank, ln(n + 1/2) - ln(rank), scaled to a sum of n: the best
// ones show the way (the weights of CMA-ES's parents). The rest's newest 25 count 1 each, older
// ones rise in a line from 1 / n. O(rows).
TpeSplit SplitTrials(const Observations& observations, size_t good);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TPE_SPLIT_H_
