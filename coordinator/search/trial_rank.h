// The order of trials for samplers that look at ranks: completed trials by their loss; then those
// stopped early, the longest-running first, by loss among equals; then those without a loss or to
// be avoided. Ties by row.
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_TRIAL_RANK_H_
#define CAVIAR_COORDINATOR_SEARCH_TRIAL_RANK_H_

#include <cstddef>
#include <vector>

#include "coordinator/search/observations.h"

namespace caviar::search {

// True if row `a` is the better one. A strict weak order of rows that have ended.
bool RanksBefore(const Observations& observations, size_t a, size_t b);

// Sorts rows, the best first.
void SortByRank(const Observations& observations, std::vector<size_t>& rows);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TRIAL_RANK_H_
