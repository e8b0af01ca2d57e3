// The standard normal distribution, to the last digits also far out in its tails.
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_NORMAL_DISTRIBUTION_H_
#define CAVIAR_COORDINATOR_SEARCH_NORMAL_DISTRIBUTION_H_

namespace caviar::search {

double NormalDensity(double z);
double LogNormalDensity(double z);

// P(Z <= z).
double NormalCdf(double z);

// The z with P(Z <= z) = p. Requires: 0 < p < 1.
double NormalQuantile(double p);

// ln(NormalCdf(z)), finite where NormalCdf(z) itself is 0.
double LogNormalCdf(double z);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_NORMAL_DISTRIBUTION_H_
