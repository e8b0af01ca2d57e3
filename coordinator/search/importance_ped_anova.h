// PED-ANOVA: which hyperparameters set the best tenth of the trials apart from all of them?
//
// For each parameter it compares the density of its places among the best trials with that among
// all (Pearson's divergence): the variance, over the parameter, of the probability to be among the
// best (Watanabe et al. 2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in
// Arbitrary Subspaces", arXiv:2304.10255). With a condition, the divergence is that among trials in
// which the parameter is active, times a^2 / b, if a is the share of these among the best and b
// that among all (Baba et al. 2026, "Conditional PED-ANOVA", arXiv:2601.20800). Densities are
// Optuna's (grid_density.h), on its grid of 50 places.
//
// It sees only which trials are best, so that diverged losses cannot drown the rest, and asks what
// made the best trials good; what made the worst bad is fANOVA's question too.
//
// Threads:     a pure function.
// Errors:      those of EvaluationsOf (importance.h).
// Determinism: the same set of trials gives the same bits; so does any strictly rising function of
//              their values.
#ifndef CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_PED_ANOVA_H_
#define CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_PED_ANOVA_H_

#include "absl/status/statusor.h"
#include "coordinator/search/importance.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// O(n d log n + d 50^2): some 0.5 ms for 1,000 trials of 10 parameters.
absl::StatusOr<Importance> PedAnovaImportance(const Space& space, const Observations& observations);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_PED_ANOVA_H_
