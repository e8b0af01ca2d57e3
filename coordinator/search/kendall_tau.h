// How alike two orders of the same things are.
//
// Threads:     pure function.
// Determinism: same arguments, same bits.
#ifndef CAVIAR_COORDINATOR_SEARCH_KENDALL_TAU_H_
#define CAVIAR_COORDINATOR_SEARCH_KENDALL_TAU_H_

#include <optional>
#include <span>

namespace caviar::search {

// Kendall's tau-b (Kendall 1945), which allows for ties: pairs in the same order less pairs in the
// opposite one, over the root of the pairs untied in x times those untied in y. 1: the same order;
// -1: the opposite one. Absent where it has no meaning: all of x or all of y is equal, or there are
// fewer than two. Requires: as many of both, no NaN. O(n^2).
std::optional<double> KendallTauB(std::span<const double> x, std::span<const double> y);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_KENDALL_TAU_H_
