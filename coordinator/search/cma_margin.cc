#include "coordinator/search/cma_margin.h"

#include <algorithm>
#include <cmath>

#include "common/status/check.h"
#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

// Keeps quantiles finite, and the two sides of a value apart.
constexpr double kProbabilityMin = 1e-10;

// The mean's value is the first or the last.
void KeepOneSide(CmaEs& distribution, int i, double threshold, double margin) {
  const double deviation = distribution.StandardDeviation(i);
  const double from = distribution.mean()[i] - threshold;
  if (NormalCdf(-std::abs(from) / deviation) >= margin) return;
  const double distance = deviation * NormalQuantile(1 - margin);
  distribution.SetMarginal(i, threshold + std::copysign(distance, from), deviation);
}

// It has neighbours on both sides.
void KeepTwoSides(CmaEs& distribution, int i, double lower, double upper, double margin) {
  const double mean = distribution.mean()[i];
  const double deviation = distribution.StandardDeviation(i);
  const double below = NormalCdf((lower - mean) / deviation);
  const double above = NormalCdf((mean - upper) / deviation);
  if (below >= margin / 2 && above >= margin / 2) return;
  const double inside = 1 - below - above;
  const double raised_below = std::max(below, margin / 2);
  const double raised_above = std::max(above, margin / 2);
  const double excess = (1 - raised_below - raised_above - inside) /
                        (raised_below + raised_above + inside - 1.5 * margin);
  const auto quantile = [margin, excess](double raised) {
    const double corrected = raised + excess * (raised - margin / 2);
    return NormalQuantile(1 - std::clamp(corrected, kProbabilityMin, 0.5 - kProbabilityMin));
  };
  const double far_below = quantile(raised_below);
  const double far_above = quantile(raised_above);
  distribution.SetMarginal(i, (lower * far_above + upper * far_below) / (far_below + far_above),
                           (upper - lower) / (far_below + far_above));
}

}  // namespace

void KeepMargin(CmaEs& distribution, int i, std::span<const double> thresholds, double margin) {
  CAVIAR_CHECK(!thresholds.empty() && margin > 0 && margin < 0.5) << margin;
  const double mean = distribution.mean()[i];
  const auto upper = std::lower_bound(thresholds.begin(), thresholds.end(), mean);
  if (upper == thresholds.begin()) {
    KeepOneSide(distribution, i, thresholds.front(), margin);
  } else if (upper == thresholds.end()) {
    KeepOneSide(distribution, i, thresholds.back(), margin);
  } else {
    KeepTwoSides(distribution, i, *(upper - 1), *upper, margin);
  }
}

}  // namespace caviar::search
