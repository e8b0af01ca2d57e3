// The distribution that cmaes draws from, and how it learns from a generation: a normal one over
// the places of numeric parameters (cma_es.h), with a margin that keeps whole numbers moving
// (cma_margin.h), and a share for each value of parameters without an order.
//
// Shares move towards those of the better half, by the same weights as the mean: q += rate *
// sum_k w_k (value_k - q), the natural gradient of a categorical distribution, as in Hamano et al.
// 2024 ("CatCMA", arXiv:2405.09962), here at a fixed rate. None falls below its part of one blind
// draw a generation.
//
// A parameter that was inactive in a trial counts there with the value it would have had: selection
// sees it but does not depend on it, so that it wanders without aim instead of freezing.
//
// Threads:     thread-compatible.
// Determinism: same calls, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_CMAES_DISTRIBUTION_H_
#define CAVIAR_COORDINATOR_SEARCH_CMAES_DISTRIBUTION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "coordinator/search/cma_es.h"
#include "coordinator/search/cmaes_axes.h"
#include "coordinator/search/observations.h"

namespace caviar::search {

class CmaesDistribution {
 public:
  // Around `mean` (one place a numeric axis), every choice equally likely.
  CmaesDistribution(const CmaesAxes& axes, std::vector<double> mean, double sigma);

  // Around the best tenth of another job's trials: Nomura et al. 2021, "Warm Starting CMA-ES for
  // Hyperparameter Optimization", arXiv:2012.06932. Requires: one of them has
  // a loss.
  static CmaesDistribution AroundPriors(const CmaesAxes& axes, const Observations& observations);

  // One place a parameter of the space, by index; 0.5 for those of one value. Draws that leave the
  // cube are drawn again, and in the end moved to its face.
  std::vector<double> Draw(const Space& space, uint64_t seed) const;

  // Learns from rows, the best first; `seeds` are those their points were drawn with, as far as
  // they were. `population` is the size of a generation, for the margins. O(rows * d^2 + d^3).
  void Learn(const Observations& observations, std::span<const size_t> ranked,
             std::span<const uint64_t> seeds, int population);

  // True if further draws would differ by less than training could tell.
  bool HasConverged() const;

  // The share of each value of the choice at this index of CmaesAxes::choices.
  const std::vector<double>& shares(int choice) const { return shares_[choice]; }
  // Null in a space without numeric parameters.
  const CmaEs* normal() const { return normal_.has_value() ? &*normal_ : nullptr; }

 private:
  CmaesDistribution(const CmaesAxes& axes, std::optional<CmaEs> normal);

  std::vector<double> DrawNumbers(uint64_t seed) const;
  void LearnNumbers(const Observations& observations, std::span<const size_t> ranked,
                    std::span<const uint64_t> seeds, const CmaRates& rates, int population);
  void LearnShares(const Observations& observations, std::span<const size_t> ranked,
                   const CmaRates& rates, int population);

  const CmaesAxes* axes_;
  std::optional<CmaEs> normal_;
  std::vector<std::vector<double>> shares_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CMAES_DISTRIBUTION_H_
