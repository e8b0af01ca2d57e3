#include "coordinator/search/normal_distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace caviar::search {
namespace {

// log(sqrt(2 pi)).
constexpr double kLogRootTwoPi = 0.91893853320467274178;

template <int kCount>
double Polynomial(const double (&coefficients)[kCount], double x) {
  double sum = 0;
  for (const double coefficient : coefficients) sum = sum * x + coefficient;
  return sum;
}

// Where the continued fraction below takes over from erfc, which is 0 from about -38.
constexpr double kFarTail = -10;

// NormalCdf(-x) / NormalDensity(x) for large x: Laplace's continued fraction of Mills' ratio, 1/(x
// + 1/(x + 2/(x + 3/(x + …)))). From 10 on 20 terms give all digits.
double MillsRatio(double x) {
  double fraction = x;
  for (int k = 20; k >= 1; --k) fraction = x + k / fraction;
  return 1 / fraction;
}

}  // namespace

double LogNormalDensity(double z) { return -0.5 * z * z - kLogRootTwoPi; }

double NormalDensity(double z) { return std::exp(LogNormalDensity(z)); }

double LogNormalCdf(double z) {
  if (z > 5) return std::log1p(-NormalCdf(-z));
  if (z > kFarTail) return std::log(NormalCdf(z));
  return LogNormalDensity(z) + std::log(MillsRatio(-z));
}

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double NormalMass(double a, double b) {
  // Both ends in the lower half, or one on each side: the difference of two numbers near 1 would
  // have lost its digits.
  return a > 0 ? NormalCdf(-a) - NormalCdf(-b) : NormalCdf(b) - NormalCdf(a);
}

// P. J. Acklam's rational approximations of the inverse normal distribution (2003).
double NormalQuantile(double p) {
  static constexpr double kCentreOver[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                                           -2.759285104469687e+02, 1.383577518672690e+02,
                                           -3.066479806614716e+01, 2.506628277459239e+00};
  static constexpr double kCentreUnder[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                                            -1.556989798598866e+02, 6.680131188771972e+01,
                                            -1.328068155288572e+01, 1.0};
  static constexpr double kTailOver[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                                         -2.400758277161838e+00, -2.549732539343734e+00,
                                         4.374664141464968e+00,  2.938163982698783e+00};
  static constexpr double kTailUnder[] = {7.784695709041462e-03, 3.224671290700398e-01,
                                          2.445134137142996e+00, 3.754408661907416e+00, 1.0};
  constexpr double kTail = 0.02425;
  if (p < kTail) {
    const double q = std::sqrt(-2 * std::log(p));
    return Polynomial(kTailOver, q) / Polynomial(kTailUnder, q);
  }
  if (p > 1 - kTail) return -NormalQuantile(1 - p);
  const double q = p - 0.5;
  return Polynomial(kCentreOver, q * q) * q / Polynomial(kCentreUnder, q * q);
}

double LogCutNormal(double u, double mean, double deviation) {
  const double z = (u - mean) / deviation;
  return -0.5 * z * z - kLogRootTwoPi -
         std::log(deviation * NormalMass(-mean / deviation, (1 - mean) / deviation));
}

double CutNormalQuantile(double p, double mean, double deviation) {
  const double below = NormalCdf(-mean / deviation);
  const double above = NormalCdf((1 - mean) / deviation);
  const double share = below + p * (above - below);
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  return std::clamp(mean + deviation * NormalQuantile(share), 0.0, 1.0);
}

}  // namespace caviar::search
