// What a job may do but its author will hardly have meant: learning rates on a linear scale,
// parameters that nothing reads, grids that the budget cuts short.
//
// Threads:     pure.
// Determinism: a function of its arguments; names in alphabetic order.
#ifndef CAVIAR_COORDINATOR_SEARCH_LINT_JOB_H_
#define CAVIAR_COORDINATOR_SEARCH_LINT_JOB_H_

#include <string>
#include <vector>

#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/job.pb.h"

namespace caviar::search {

// One line each, "path: what, and what to do". Requires: CheckJob() found nothing.
std::vector<std::string> LintJob(const v1::JobSpec& spec, const v1::Dataset& dataset);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_LINT_JOB_H_
