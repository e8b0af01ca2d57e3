// The trial scheduler's settings: defaults, and what makes them impossible.
//
// Threads: pure functions.
#ifndef CAVIAR_COORDINATOR_SEARCH_CHECK_SCHEDULER_H_
#define CAVIAR_COORDINATOR_SEARCH_CHECK_SCHEDULER_H_

#include "caviar/v1/job.pb.h"
#include "coordinator/search/problems.h"

namespace caviar::search {

// Requires: spec.budget is filled in. Settings that were given stay as they are.
void FillScheduler(v1::JobSpec& spec);

// `spec` with its defaults filled in.
void CheckScheduler(const v1::JobSpec& spec, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CHECK_SCHEDULER_H_
