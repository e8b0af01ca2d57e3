// How much of the difference between a job's trials each hyperparameter makes: what the methods
// (importance_ped_anova.h, importance_fanova.h) share.
//
// A trial counts if it is COMPLETED with a finite value: the value of a pruned one is of fewer
// epochs, and infeasible, failed and cancelled ones have none that compares.
//
// A parameter with a condition is judged among the points in which it is active, and weighs as
// much as they do: what its parents do by switching it on is theirs.
//
// Threads:     pure functions and values.
// Determinism: a function of the set of trials, whatever their order.
#ifndef CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_H_
#define CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// The best tenth of fewer is a single trial, which may have been luck.
inline constexpr size_t kImportanceTrialsMin = 10;

struct ParameterImportance {
  std::string name;
  // A share: in [0, 1], 1 in sum.
  double importance = 0;
  // Where a method repeats itself: the standard deviation of its answers, on the same scale.
  std::optional<double> deviation;
};

struct Importance {
  // All of the space's, the most important one first, equal ones by name.
  std::vector<ParameterImportance> parameters;
  // How many trials counted.
  size_t trials = 0;
  // fANOVA: the share of the variance that single parameters explain. The rest is due to several of
  // them together, and to noise.
  std::optional<double> explained;
};

// The trials that count, sorted by loss, then by places.
struct Evaluations {
  std::vector<double> losses;
  // By parameter, then by trial; NaN where inactive.
  std::vector<std::vector<double>> places;
};

// kFailedPrecondition: fewer than kImportanceTrialsMin trials count, or they do not differ in value
// or in no hyperparameter. O(n d log n).
absl::StatusOr<Evaluations> EvaluationsOf(const Space& space, const Observations& observations);

// Scales `effects` (by parameter, none negative) to shares, and `deviations` (by parameter, or
// empty) with them. If all effects are 0, parameters of more than one value share alike.
Importance ToImportance(const Space& space, const Evaluations& evaluations,
                        std::span<const double> effects, std::span<const double> deviations = {});

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_H_
