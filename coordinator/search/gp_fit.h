// The Gaussian process's parameters that explain what was measured best: a maximum of their
// posterior, the marginal likelihood (Rasmussen and Williams, "Gaussian Processes for Machine
// Learning", 2.30 and 5.9) times weak priors that keep few trials from claiming too much.
//
// Threads:     pure.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_FIT_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_FIT_H_

#include <span>
#include <vector>

#include "coordinator/search/gp_kernel.h"

namespace caviar::search {

// What was measured where: targets have mean 0 and variance 1 or near it.
struct GpData {
  std::vector<std::vector<double>> features;
  std::vector<double> targets;
  // How much of each parameter's range the data are about, in (0, 1]: the unit of its length scale.
  // Empty for all of it.
  std::vector<double> spans = {};
};

// ln of each weight, of signal and of noise, in this order.
std::vector<double> LogsOf(const GpParameters& parameters);
GpParameters FromLogs(std::span<const double> logs);

// Minus the logarithm of the posterior, up to a constant, and its gradient by the logarithms.
// Infinite where the covariance is not positive definite to rounding. O(n^3 + n^2 d).
double NegativeLogPosterior(const GpKernel& kernel, const GpData& data,
                            std::span<const double> logs, std::span<double> gradient);

// From the priors' middle with little noise and with much, by at most 30 evaluations of the above
// each.
GpParameters FitGp(const GpKernel& kernel, const GpData& data);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_FIT_H_
