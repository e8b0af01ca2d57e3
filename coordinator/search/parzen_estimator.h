// A density over a search space, learned from rows of trials: a mixture of one product of kernels a
// row, and one wide kernel for what is known of no trial (the prior).
//
// Along a continuous axis a kernel is a normal distribution around the row's value, cut to [0, 1];
// along an ordered one with few values, the probability that this one gives each value's cell;
// along a choice, mostly the row's value. All rows have one bandwidth an axis: the group's spread
// along it, the prior counted as `prior_weight` rows that lie a quarter of the range away from its
// mean, times n^(-1/(d + 4)) (Scott 1992), at least 1/100 of the range. (The gap to the neighbour,
// and a fixed share of the range, are what others take; docs/search.md has the comparison.)
//
// Conditional spaces: a kernel draws parents first. Where they make a parameter active that the
// row did not have, it draws from the prior; where the row had one that is not active, it is left
// out. So each kernel is a density over exactly the points that the space allows.
//
// Reference: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"; Falkner et al.
// 2018, "BOHB", for products of kernels.
//
// Threads:     immutable; thread-safe.
// Ownership:   keeps references to all it is given; they must outlive it.
// Units and shapes: a place is one number an axis (axes.h).
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_PARZEN_ESTIMATOR_H_
#define CAVIAR_COORDINATOR_SEARCH_PARZEN_ESTIMATOR_H_

#include <span>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/axes.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/tpe_split.h"

namespace caviar::search {

class ParzenEstimator {
 public:
  // Requires: prior_weight > 0. O(rows * axes).
  ParzenEstimator(const Axes& axes, const Observations& observations, const TrialGroup& group,
                  double prior_weight);

  // Draws a place; an axis with cells gets the middle of one. O(rows + axes).
  void Draw(Rng& rng, std::span<double> place) const;

  // Log of the density at each of `count` places that Draw() yielded, whoever did. `places` is
  // row-major [count x axes]. In single precision: to about 1e-3. O(count * rows * axes), at a
  // few tenths of a nanosecond.
  std::vector<double> LogDensity(std::span<const double> places, int count) const;

  // The kernels' standard deviation along an axis without or with an order; 1 if no row has it.
  double bandwidth(int axis) const { return fits_[axis].bandwidth; }
  // Log probability, along an axis with cells, that the kernel of a row with value `row_cell` (the
  // prior's for cells()) gives `cell`.
  double LogCell(int axis, int cell, int row_cell) const;

  const TrialGroup& group() const { return group_; }
  double prior_weight() const { return prior_weight_; }

 private:
  friend class DensityPass;

  struct Fit {
    double bandwidth = 1;
    // A row or a place may lack the axis.
    bool has_gaps = false;
    // Probabilities of a choice's kernel: of the row's own value, and of each other.
    double own = 0;
    double other = 0;
  };

  Fit FitOf(int axis) const;
  double DrawAxis(int axis, size_t kernel, Rng& rng) const;

  const Axes& axes_;
  const Observations& observations_;
  const TrialGroup& group_;
  double prior_weight_;
  double total_weight_ = 0;
  std::vector<Fit> fits_;
};

// The prior along an axis with an order: a normal distribution around its middle, as wide as it.
inline constexpr double kPriorMean = 0.5;
inline constexpr double kPriorDeviation = 1.0;

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_PARZEN_ESTIMATOR_H_
