#include "coordinator/search/grid_density.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "common/status/check.h"
#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

// Keeps 90 % of a kernel inside its own cell where the trials hardly differ.
constexpr double kBandwidthMin = 0.5 / 1.64;
// 1.059 n^(-1/5) times a normal's deviation is Scott's rule; 1.34 deviations are the distance
// between a normal's quartiles.
constexpr double kScott = 1.059;
constexpr double kNormalQuartiles = 1.34;

uint64_t Sum(std::span<const uint64_t> counts) {
  const uint64_t sum = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
  CAVIAR_CHECK(sum > 0) << "a density of no trials";
  return sum;
}

// In cells.
double Bandwidth(std::span<const uint64_t> counts, uint64_t sum) {
  const auto n = static_cast<double>(sum);
  double mean = 0;
  for (size_t i = 0; i < counts.size(); ++i) mean += counts[i] * static_cast<double>(i) / n;
  double squares = 0;
  for (size_t i = 0; i < counts.size(); ++i) squares += counts[i] * std::pow(i - mean, 2);
  const double deviation = std::sqrt(squares / std::max(1.0, n - 1));

  // The first cells at which a quarter of the trials is reached, and three quarters are exceeded.
  size_t first_quartile = 0, third_quartile = 0, last = 0;
  uint64_t reached = 0;
  bool has_first = false, has_third = false;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    reached += counts[i];
    last = i;
    if (!has_first && reached >= sum / 4) {
      first_quartile = i;
      has_first = true;
    }
    if (!has_third && reached > sum * 3 / 4) {
      third_quartile = i;
      has_third = true;
    }
  }
  if (!has_third) third_quartile = last;
  const double range = static_cast<double>(third_quartile) - static_cast<double>(first_quartile);
  const double scott = kScott * std::min(range / kNormalQuartiles, deviation) * std::pow(n, -0.2);
  return std::max(scott, kBandwidthMin);
}

// Adds a normal kernel whose mass outside the grid is given to the cells.
void AddKernel(double weight, double centre, double bandwidth, std::vector<double>& density) {
  const auto cdf_before = [&](size_t cell) {
    return NormalCdf((static_cast<double>(cell) - 0.5 - centre) / bandwidth);
  };
  const double low = cdf_before(0);
  const double scale = weight / (cdf_before(density.size()) - low);
  double before = low;
  for (size_t i = 0; i < density.size(); ++i) {
    const double after = cdf_before(i + 1);
    density[i] += scale * (after - before);
    before = after;
  }
}

}  // namespace

std::vector<double> OrderedDensity(std::span<const uint64_t> counts) {
  const uint64_t sum = Sum(counts);
  const double bandwidth = Bandwidth(counts, sum);
  const double kernels = static_cast<double>(sum) + 1;
  std::vector<double> density(counts.size(), 0);
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) AddKernel(counts[i] / kernels, static_cast<double>(i), bandwidth, density);
  }
  const auto cells = static_cast<double>(counts.size());
  AddKernel(1 / kernels, (cells - 1) / 2, cells, density);
  return density;
}

std::vector<double> ChoiceDensity(std::span<const uint64_t> counts) {
  const uint64_t sum = Sum(counts);
  const double kernels = static_cast<double>(sum) + 1;
  const auto cells = static_cast<double>(counts.size());
  const auto seen = static_cast<double>(
      std::count_if(counts.begin(), counts.end(), [](uint64_t count) { return count > 0; }));
  // A kernel has 1 on its own choice and this on each, over their sum.
  const double base = 1 / (seen + 1);
  const double kernel_sum = 1 + cells * base;
  std::vector<double> density;
  for (const uint64_t count : counts) {
    const double all_kernels = sum * base / kernel_sum + count / kernel_sum;
    density.push_back(all_kernels / kernels + 1 / (kernels * cells));
  }
  return density;
}

}  // namespace caviar::search
