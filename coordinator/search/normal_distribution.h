// The standard normal distribution, also far out in its tails, and the normal distribution cut to
// an interval: what a kernel of a density on [0, 1] is.
//
// Threads:     pure functions.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_NORMAL_DISTRIBUTION_H_
#define CAVIAR_COORDINATOR_SEARCH_NORMAL_DISTRIBUTION_H_

namespace caviar::search {

double NormalDensity(double z);
double LogNormalDensity(double z);

// Probability that a standard normal number is at most z.
double NormalCdf(double z);

// ln(NormalCdf(z)), finite where NormalCdf(z) itself is 0.
double LogNormalCdf(double z);

// Probability that it lies in [a, b]; keeps its relative precision in both tails. Requires: a <= b.
double NormalMass(double a, double b);

// The z with NormalCdf(z) = p, to a relative error of 1.2e-9. Requires: 0 < p < 1.
double NormalQuantile(double p);

// Log of the density at u of a normal number that is cut to [0, 1]. Requires: 0 <= u <= 1,
// deviation > 0.
double LogCutNormal(double u, double mean, double deviation);

// That number at the share `p` of its probability. Requires: 0 <= p <= 1. In [0, 1].
double CutNormalQuantile(double p, double mean, double deviation);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_NORMAL_DISTRIBUTION_H_
