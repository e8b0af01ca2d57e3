#include "coordinator/search/gp_acquisition.h"

#include <algorithm>
#include <cmath>

#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

// Below it density and z cdf cancel.
constexpr double kImprovementTail = -3;
constexpr int kFractionTerms = 80;
constexpr double kConfidence = 1.8;
// What a point outside of the promising region loses of its deviation, per unit of distance.
constexpr double kOutsidePenalty = 10;

}  // namespace

double LogImprovement(double z) {
  if (z > kImprovementTail) return std::log(NormalDensity(z) + z * NormalCdf(z));
  // With x = -z, density (1 - x Mills(x)), and Mills = 1 / (x + t), t = 1/(x + 2/(x + 3/(x + …))):
  // 1 - x / (x + t) = t / (x + t).
  const double x = -z;
  double tail = x;
  for (int k = kFractionTerms; k >= 2; --k) tail = x + k / tail;
  const double t = 1 / tail;
  return LogNormalDensity(z) + std::log(t / (x + t));
}

GpAcquisition::Value GpAcquisition::At(const GpModel::Prediction& prediction) const {
  const double mean = prediction.mean;
  const double deviation = prediction.deviation;
  const double bound = mean - kConfidence * deviation;
  switch (kind) {
    case Kind::kLogEi: {
      const double z = (best - mean) / deviation;
      const double log_h = LogImprovement(z);
      return {std::log(deviation) + log_h, -std::exp(LogNormalCdf(z) - log_h) / deviation,
              std::exp(LogNormalDensity(z) - log_h) / deviation};
    }
    case Kind::kUcb:
      return {-bound, -1, kConfidence};
    case Kind::kExplore:
      break;
  }
  if (bound <= best) return {deviation, 0, 1};
  return {deviation - kOutsidePenalty * (bound - best), -kOutsidePenalty,
          1 + kOutsidePenalty * kConfidence};
}

}  // namespace caviar::search
