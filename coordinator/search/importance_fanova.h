// fANOVA: how much of the variance of the objective over the whole space does each hyperparameter
// explain alone?
//
// A random forest (bootstrap samples, all parameters at each split, depth at most 64) learns the
// objective from the trials; in each tree, the variance of a parameter's marginal over that of all
// predictions is its share (tree_marginals.h), and the mean over the trees the answer (Hutter et
// al. 2014, "An Efficient Approach for Assessing Hyperparameter Importance", ICML). Settings are
// Optuna's, but for the number of trees: two of its forests, of 64 trees, may lie 0.04 apart on the
// same trials. Different are also the measure, which is uniform on each parameter's scale (and so
// where samplers look) and over the values of a choice, and that parameters with a condition are
// judged too. Where one is inactive its place has no effect, so each tree draws places of its own.
//
// One diverged trial may be most of the variance: PED-ANOVA does not mind.
//
// Threads:     a pure function.
// Errors:      those of EvaluationsOf (importance.h).
// Determinism: the same set of trials and seed give the same bits.
#ifndef CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_FANOVA_H_
#define CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_FANOVA_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "coordinator/search/importance.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// A tree draws as many trials as there are, but no more than these: the answer is then as good, and
// takes no longer for more trials.
inline constexpr uint32_t kFanovaDrawsMax = 4096;

// Few trials make a noisy tree, and a cheap one.
inline constexpr uint32_t kFanovaTreesMin = 64;
inline constexpr uint32_t kFanovaTreesMax = 640;

// As many trees as together draw what the least number of the largest trees does, in these bounds:
// so no job takes longer than one of very many trials. Requires: trials > 0.
int FanovaTrees(size_t trials);

absl::StatusOr<Importance> FanovaImportance(const Space& space, const Observations& observations,
                                            uint64_t seed);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_IMPORTANCE_FANOVA_H_
