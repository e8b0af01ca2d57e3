#include "coordinator/search/gp_targets.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

using Row = Observations::Row;

bool HasLoss(const Row& row) {
  return row.outcome != Observations::Outcome::kInfeasible && std::isfinite(row.loss);
}

// NaN for rows without a loss.
std::vector<double> LossesOf(const Observations& observations, std::span<const size_t> rows) {
  double best_completed = -std::numeric_limits<double>::infinity();
  bool has_completed = false;
  for (const size_t index : rows) {
    const Row& row = observations.row(index);
    if (row.outcome != Observations::Outcome::kCompleted || !HasLoss(row)) continue;
    best_completed = has_completed ? std::min(best_completed, row.loss) : row.loss;
    has_completed = true;
  }
  std::vector<double> losses;
  for (const size_t index : rows) {
    const Row& row = observations.row(index);
    losses.push_back(HasLoss(row) ? std::max(row.loss, best_completed) : std::nan(""));
  }
  return losses;
}

void WarpUpperHalf(std::vector<double>& losses) {
  std::vector<double> sorted;
  for (const double loss : losses) {
    if (!std::isnan(loss)) sorted.push_back(loss);
  }
  if (sorted.empty()) {
    std::fill(losses.begin(), losses.end(), 0.0);
    return;
  }
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[(sorted.size() - 1) / 2];
  double squares = 0;
  double count = 0;
  for (const double loss : sorted) {
    if (loss > median) break;
    squares += (loss - median) * (loss - median);
    ++count;
  }
  const double spread = squares > 0 ? std::sqrt(squares / count) : 1;
  double worst = median;
  for (double& loss : losses) {
    if (!(loss > median)) continue;
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), loss);
    const double rank =
        0.5 * static_cast<double>((first - sorted.begin()) + (last - sorted.begin()));
    loss = median + spread * NormalQuantile(rank / static_cast<double>(sorted.size()));
    worst = std::max(worst, loss);
  }
  for (double& loss : losses) {
    if (std::isnan(loss)) loss = worst;
  }
}

void Standardize(std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / n;
  const double scale = variance > 0 ? 1 / std::sqrt(variance) : 0;
  for (double& value : values) value = (value - mean) * scale;
}

}  // namespace

std::vector<size_t> BestAndNewest(const Observations& observations, size_t count,
                                  const std::function<bool(size_t)>& counts) {
  std::vector<size_t> rows;
  for (const Observations::Ranked& ranked : observations.ranking()) {
    if (counts(ranked.row)) rows.push_back(ranked.row);
  }
  if (rows.size() > count) {
    const auto rest = rows.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::sort(rest, rows.end(), std::greater<>());
    rows.resize(count);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<double> GpTargets(const Observations& observations, std::span<const size_t> rows) {
  std::vector<double> targets = LossesOf(observations, rows);
  WarpUpperHalf(targets);
  Standardize(targets);
  return targets;
}

}  // namespace caviar::search
