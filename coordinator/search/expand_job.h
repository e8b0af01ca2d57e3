// From a job as submitted to a job as it runs: every default filled in, everything checked.
//
// Defaults: name = the data set's; objective = validation_accuracy, its direction by the metric;
// budget = 60 trials of 20 epochs; space = the course's hyperparameters in its order of importance,
// without those in `fixed` (default_space.h); sampler = chosen by budget and space
// (choose_sampler.h), also for `auto`; seed = fallback_seed; weight = 1. What the submitter wrote
// is never changed.
//
// A point in `enqueue` may leave the space's box, with a warning, but not the hyperparameter's own
// range; active parameters it does not name are drawn at random for its trial, and those its own
// values make inactive are left out of the trial, with a warning (job_sampler.h).
//
// Threads:     pure.
// Errors:      kInvalidArgument with one line a problem, each with its path:
//              "space.learning_rate.log.min: must be > 0".
// Determinism: same arguments, same answer, lines in the same order.
#ifndef CAVIAR_COORDINATOR_SEARCH_EXPAND_JOB_H_
#define CAVIAR_COORDINATOR_SEARCH_EXPAND_JOB_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/job.pb.h"

namespace caviar::search {

struct ExpandedJob {
  v1::JobSpec spec;
  // For Job.warnings: what the submitter should look at, one sentence each.
  std::vector<std::string> warnings;
  // For Job.sampler_choice.
  std::string sampler_choice;
};

// `dataset` is the one that submitted.dataset() names. `fallback_seed` is used if the spec has
// none; the caller draws it, since this function has no randomness of its own.
absl::StatusOr<ExpandedJob> ExpandJob(const v1::JobSpec& submitted, const v1::Dataset& dataset,
                                      uint32_t fallback_seed);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_EXPAND_JOB_H_
