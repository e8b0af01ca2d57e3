#include "coordinator/search/student_t.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "common/status/check.h"

namespace caviar::search {

using Distribution = boost::math::students_t;

double StudentQuantile(double freedom, double p) {
  CAVIAR_CHECK(freedom > 0 && p > 0 && p < 1) << freedom << " " << p;
  return boost::math::quantile(Distribution(freedom), p);
}

double StudentTwoSided(double freedom, double t) {
  CAVIAR_CHECK(freedom > 0 && !std::isnan(t)) << freedom << " " << t;
  if (std::isinf(t)) return 0;
  return 2 * boost::math::cdf(boost::math::complement(Distribution(freedom), std::abs(t)));
}

MeanEstimate EstimateMean(std::span<const double> values) {
  MeanEstimate estimate;
  estimate.count = values.size();
  if (values.empty()) return estimate;
  const double count = static_cast<double>(values.size());
  for (const double value : values) estimate.mean += value / count;
  if (values.size() < 2) return estimate;
  double squares = 0;
  for (const double value : values) squares += (value - estimate.mean) * (value - estimate.mean);
  estimate.deviation = std::sqrt(squares / (count - 1));
  const double reach = StudentQuantile(count - 1, 0.975) * estimate.deviation / std::sqrt(count);
  estimate.interval = {estimate.mean - reach, estimate.mean + reach};
  return estimate;
}

double PValueAgainstZero(const MeanEstimate& estimate) {
  if (estimate.count < 2 || estimate.mean == 0) return 1;
  if (estimate.deviation == 0) return 0;
  const double count = static_cast<double>(estimate.count);
  return StudentTwoSided(count - 1, estimate.mean / (estimate.deviation / std::sqrt(count)));
}

}  // namespace caviar::search
