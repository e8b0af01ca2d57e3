#include "coordinator/search/tpe_split.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace caviar::search {
namespace {

// The newest rows of the rest count in full.
constexpr size_t kFullWeights = 25;

TrialGroup GoodOf(const Observations& observations, size_t count) {
  std::vector<std::pair<uint32_t, float>> weighted;
  double sum = 0;
  for (const Observations::Ranked& ranked : observations.ranking()) {
    if (weighted.size() == count) break;
    const double weight = std::log(count + 0.5) - std::log(weighted.size() + 1.0);
    weighted.emplace_back(static_cast<uint32_t>(ranked.row), static_cast<float>(weight));
    sum += weight;
  }
  std::sort(weighted.begin(), weighted.end());
  TrialGroup good;
  for (const auto& [row, weight] : weighted) {
    good.rows.push_back(row);
    good.weights.push_back(static_cast<float>(weight * count / sum));
  }
  return good;
}

std::vector<float> RampWeights(size_t count) {
  std::vector<float> weights(count, 1.0f);
  if (count <= kFullWeights) return weights;
  const size_t rising = count - kFullWeights;
  const double first = 1.0 / count;
  for (size_t i = 0; i < rising; ++i) {
    const double progress = rising == 1 ? 0 : static_cast<double>(i) / (rising - 1);
    weights[i] = static_cast<float>(first + progress * (1 - first));
  }
  return weights;
}

}  // namespace

size_t GoodTrials(size_t ended, double share, size_t max) {
  // A product like 0.15 * 20 may come out a little above the whole number it means.
  return std::min(static_cast<size_t>(std::ceil(share * ended - 1e-9)), max);
}

TpeSplit SplitTrials(const Observations& observations, size_t good) {
  TpeSplit split;
  split.good = GoodOf(observations, std::min(good, observations.valued()));
  split.rest.rows.reserve(observations.rows() - split.good.rows.size());
  size_t next_good = 0;
  for (uint32_t row = 0; row < observations.rows(); ++row) {
    if (next_good < split.good.rows.size() && split.good.rows[next_good] == row) {
      ++next_good;
    } else {
      split.rest.rows.push_back(row);
    }
  }
  split.rest.weights = RampWeights(split.rest.rows.size());
  return split;
}

}  // namespace caviar::search
