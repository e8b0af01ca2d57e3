// "Did you mean …?": the nearest of some names by Levenshtein distance.
//
// Threads: thread-safe (pure functions).
#ifndef CAVIAR_COMMON_HYPERPARAMETERS_EDIT_DISTANCE_H_
#define CAVIAR_COMMON_HYPERPARAMETERS_EDIT_DISTANCE_H_

#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace caviar {

// Insertions, deletions and substitutions from `a` to `b`. O(|a| |b|).
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `name`, the first among equals; empty when even that one differs in more
// than a third of its letters (and in more than two).
std::string NearestName(absl::string_view name, std::span<const std::string> candidates);

}  // namespace caviar

#endif  // CAVIAR_COMMON_HYPERPARAMETERS_EDIT_DISTANCE_H_
