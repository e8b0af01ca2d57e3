#include "coordinator/search/normal_distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/status/check.h"

namespace caviar::search {
namespace {

// Where the continued fraction below takes over from erfc, which is 0 from about -38.
constexpr double kFarTail = -10;

// Cdf(z) / Density(z) for z << 0: Laplace's continued fraction of Mills' ratio, 1/(x + 1/(x + 2/(x
// + 3/(x + …)))) with x = -z. From kFarTail on 20 terms give all digits.
double MillsRatio(double x) {
  double fraction = x;
  for (int k = 20; k >= 1; --k) fraction = x + k / fraction;
  return 1 / fraction;
}

// Acklam's rational approximation, relative error below 1.2e-9. Requires: p <= 0.5.
double LowerQuantileGuess(double p) {
  static constexpr double kA[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                                  -2.759285104469687e+02, 1.383577518672690e+02,
                                  -3.066479806614716e+01, 2.506628277459239e+00};
  static constexpr double kB[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                                  -1.556989798598866e+02, 6.680131188771972e+01,
                                  -1.328068155288572e+01};
  static constexpr double kC[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                                  -2.400758277161838e+00, -2.549732539343734e+00,
                                  4.374664141464968e+00,  2.938163982698783e+00};
  static constexpr double kD[] = {7.784695709041462e-03, 3.224671290700398e-01,
                                  2.445134137142996e+00, 3.754408661907416e+00};
  if (p < 0.02425) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((kC[0] * q + kC[1]) * q + kC[2]) * q + kC[3]) * q + kC[4]) * q + kC[5]) /
           ((((kD[0] * q + kD[1]) * q + kD[2]) * q + kD[3]) * q + 1);
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((kA[0] * r + kA[1]) * r + kA[2]) * r + kA[3]) * r + kA[4]) * r + kA[5]) * q /
         (((((kB[0] * r + kB[1]) * r + kB[2]) * r + kB[3]) * r + kB[4]) * r + 1);
}

}  // namespace

double LogNormalDensity(double z) { return -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi); }

double NormalDensity(double z) { return std::exp(LogNormalDensity(z)); }

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double NormalMass(double a, double b) {
  // Both ends in the lower half, or one on each side: the difference of two numbers near 1 would
  // have lost its digits.
  return a > 0 ? NormalCdf(-a) - NormalCdf(-b) : NormalCdf(b) - NormalCdf(a);
}

double LogNormalCdf(double z) {
  if (z > 5) return std::log1p(-NormalCdf(-z));
  if (z > kFarTail) return std::log(NormalCdf(z));
  return LogNormalDensity(z) + std::log(MillsRatio(-z));
}

double NormalQuantile(double p) {
  CAVIAR_CHECK(p > 0 && p < 1) << p;
  if (p > 0.5) return -NormalQuantile(1 - p);
  double z = LowerQuantileGuess(p);
  // One step of Halley's method doubles the digits, and more.
  const double error = (NormalCdf(z) - p) / NormalDensity(z);
  z -= error / (1 + 0.5 * z * error);
  return z;
}

double LogCutNormal(double u, double mean, double deviation) {
  const double z = (u - mean) / deviation;
  return LogNormalDensity(z) -
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
