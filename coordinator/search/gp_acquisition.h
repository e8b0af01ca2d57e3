// What a point promises, given what the model expects there: larger is better.
//
//   log EI   ln E[max(best - f, 0)], computed without ever taking the logarithm of a number that
//   has
//            vanished (Ament et al. 2023, "Unexpected Improvements to Expected Improvement for
//            Bayesian Optimization", arXiv:2310.20708)
//   UCB      how low the function may lie: 1.8 deviations below the mean
//   PE       pure exploration, for a batch: the deviation, where the function may still be lower
//            than the best (the rule of Vizier's GP-UCB-PE: arXiv:2408.11527)
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_ACQUISITION_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_ACQUISITION_H_

#include "coordinator/search/gp_model.h"

namespace caviar::search {

// ln(density(z) + z cdf(z)) of the standard normal: ln of the expected improvement over its
// deviation, for an improvement of z deviations. Finite for every finite z.
double LogImprovement(double z);

struct GpAcquisition {
  enum class Kind { kLogEi, kUcb, kExplore };
  struct Value {
    double value = 0;
    double by_mean = 0;
    double by_deviation = 0;
  };

  Value At(const GpModel::Prediction& prediction) const;

  Kind kind = Kind::kLogEi;
  double best = 0;  // the least mean of what was measured
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_ACQUISITION_H_
