#include "coordinator/schedule/rung_levels.h"

#include <algorithm>

#include "common/status/check.h"

namespace caviar::schedule {

std::vector<uint32_t> AshaLevels(uint32_t min_epochs, uint32_t factor, uint32_t epochs) {
  CAVIAR_CHECK(factor >= 2 && min_epochs >= 1 && min_epochs < epochs)
      << "factor " << factor << ", " << min_epochs << " to " << epochs << " epochs";
  std::vector<uint32_t> levels;
  for (uint64_t level = min_epochs; level < epochs; level *= factor) {
    levels.push_back(static_cast<uint32_t>(level));
  }
  levels.push_back(epochs);
  return levels;
}

std::vector<Bracket> HyperbandBrackets(uint32_t min_epochs, uint32_t factor, uint32_t epochs) {
  CAVIAR_CHECK(factor >= 2 && min_epochs >= 1 && min_epochs <= epochs / factor)
      << "factor " << factor << ", " << min_epochs << " to " << epochs << " epochs";
  // By s: floor(epochs / factor^s), and factor^s.
  std::vector<uint32_t> levels;
  std::vector<uint64_t> powers;
  for (uint64_t power = 1; epochs / power >= min_epochs; power *= factor) {
    levels.push_back(static_cast<uint32_t>(epochs / power));
    powers.push_back(power);
  }
  const uint64_t kinds = levels.size();
  std::vector<Bracket> brackets;
  for (uint64_t s = kinds; s-- > 0;) {
    Bracket& bracket = brackets.emplace_back();
    bracket.trials = static_cast<uint32_t>((kinds * powers[s] + s) / (s + 1));
    bracket.levels.assign(levels.rend() - static_cast<int64_t>(s) - 1, levels.rend());
  }
  return brackets;
}

}  // namespace caviar::schedule
