// At which epochs trials are judged, and how many trials a bracket of Hyperband starts with.
//
// Threads:     pure functions; whole numbers only, so that no logarithm rounds a rung away.
#ifndef CAVIAR_COORDINATOR_SCHEDULE_RUNG_LEVELS_H_
#define CAVIAR_COORDINATOR_SCHEDULE_RUNG_LEVELS_H_

#include <cstdint>
#include <vector>

namespace caviar::schedule {

// min_epochs, min_epochs * factor, … below `epochs`, and `epochs` as the last.
// Requires: factor >= 2, 1 <= min_epochs < epochs.
std::vector<uint32_t> AshaLevels(uint32_t min_epochs, uint32_t factor, uint32_t epochs);

struct Bracket {
  // That it starts with.
  uint32_t trials = 0;
  // Epochs of its rungs; the last is the job's.
  std::vector<uint32_t> levels;
};

// The kinds of brackets, most trials first: s = s_max … 0 with ceil((s_max + 1) / (s + 1) factor^s)
// trials and rungs at floor(epochs / factor^s), …, epochs; s_max is the largest s whose first rung
// is not below min_epochs. Requires: factor >= 2, 1 <= min_epochs <= epochs / factor.
std::vector<Bracket> HyperbandBrackets(uint32_t min_epochs, uint32_t factor, uint32_t epochs);

}  // namespace caviar::schedule

#endif  // CAVIAR_COORDINATOR_SCHEDULE_RUNG_LEVELS_H_
