#include "coordinator/search/tpe_split.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace caviar::search {
namespace {

// The newest rows of the rest count in full.
constexpr size_t kFullWeights = 25;

// Rows by rising index, each with its weight.
std::vector<std::pair<size_t, float>> WeighGood(const Observations& observations, size_t count) {
  std::vector<std::pair<size_t, float>> weighted;
  double sum = 0;
  for (const Observations::Ranked& ranked : observations.ranking()) {
    if (weighted.size() == count) break;
    const double weight = std::log(count + 0.5) - std::log(weighted.size() + 1.0);
    weighted.emplace_back(ranked.row, static_cast<float>(weight));
    sum += weight;
  }
  for (auto& [row, weight] : weighted) weight = static_cast<float>(weight * count / sum);
  std::sort(weighted.begin(), weighted.end());
  return weighted;
}

TrialGroup CopyOf(const Observations& observations, int axes,
                  const std::vector<std::pair<size_t, float>>& weighted) {
  TrialGroup good;
  good.rows = weighted.size();
  for (const auto& [row, weight] : weighted) good.weights.push_back(weight);
  good.own_columns.resize(axes);
  good.own_cells.resize(axes);
  for (int i = 0; i < axes; ++i) {
    for (const auto& [row, weight] : weighted) {
      good.own_columns[i].push_back(observations.column(i)[row]);
      if (!observations.cells(i).empty()) {
        good.own_cells[i].push_back(observations.cells(i)[row]);
      }
    }
    good.columns.push_back(good.own_columns[i]);
    good.cells.push_back(good.own_cells[i]);
  }
  return good;
}

// Of the newest `count` rows and of older ones, the oldest first.
float RampWeight(size_t index, size_t count) {
  if (index + kFullWeights >= count) return 1;
  const size_t rising = count - kFullWeights;
  const double progress = rising == 1 ? 0 : static_cast<double>(index) / (rising - 1);
  const double first = 1.0 / count;
  return static_cast<float>(first + progress * (1 - first));
}

}  // namespace

size_t GoodTrials(size_t ended, double share, size_t max) {
  // A product like 0.15 * 20 may come out a little above the whole number it means.
  return std::min(static_cast<size_t>(std::ceil(share * ended - 1e-9)), max);
}

TpeSplit SplitTrials(const Observations& observations, size_t good) {
  const auto weighted = WeighGood(observations, std::min(good, observations.valued()));
  TpeSplit split;
  split.good = CopyOf(observations, observations.parameters(), weighted);

  TrialGroup& rest = split.rest;
  rest.rows = observations.rows() - weighted.size();
  rest.weights.resize(observations.rows());
  size_t next_good = 0;
  for (size_t row = 0; row < observations.rows(); ++row) {
    if (next_good < weighted.size() && weighted[next_good].first == row) {
      ++next_good;
    } else {
      rest.weights[row] = RampWeight(row - next_good, rest.rows);
    }
  }
  for (int i = 0; i < observations.parameters(); ++i) {
    rest.columns.push_back(observations.column(i));
    rest.cells.push_back(observations.cells(i));
  }
  return split;
}

}  // namespace caviar::search
