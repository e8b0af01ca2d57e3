// How tpe divides what it knows: the good trials, whose density it looks for, and the rest.
//
// Threads:     pure.
// Determinism: a function of the arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_TPE_SPLIT_H_
#define CAVIAR_COORDINATOR_SEARCH_TPE_SPLIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coordinator/search/observations.h"

namespace caviar::search {

// Trials to learn a density from: columns as in Observations, and how much each row counts.
struct TrialGroup {
  TrialGroup() = default;
  TrialGroup(TrialGroup&&) = default;
  TrialGroup& operator=(TrialGroup&&) = default;

  // By parameter: places, and cells where there are any.
  std::vector<std::span<const double>> columns;
  std::vector<std::span<const uint16_t>> cells;
  // 0 for a row that is not of the group.
  std::vector<float> weights;
  // Those whose weight is not 0.
  size_t rows = 0;
  // What the spans show, where that is not Observations itself.
  std::vector<std::vector<double>> own_columns;
  std::vector<std::vector<uint16_t>> own_cells;
};

struct TpeSplit {
  TrialGroup good;
  TrialGroup rest;
};

// How many of `ended` trials are good: ceil(share * ended), at most `max`.
size_t GoodTrials(size_t ended, double share, size_t max);

// The first `good` rows of the ranking that have a loss, and all others. Pending rows are with the
// rest: until they end they are taken for bad ones, which keeps proposals apart (a constant liar).
// The good rows are copied, by rising index; the rest is all rows in place, the good ones weighing
// nothing, so that nothing large moves. `observations` must outlive the split.
//
// A good row's weight falls with its rank, ln(n + 1/2) - ln(rank), scaled to a sum of n: the best
// ones show the way (the weights of CMA-ES's parents). The rest's newest 25 count 1 each, older
// ones rise in a line from 1 / n. O(rows).
TpeSplit SplitTrials(const Observations& observations, size_t good);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TPE_SPLIT_H_
