// Whether a job's constraints leave something to try, and allow the points that are tried first.
//
// Threads:     pure.
// Determinism: a function of the spec.
#ifndef CAVIAR_COORDINATOR_SEARCH_CHECK_CONSTRAINTS_H_
#define CAVIAR_COORDINATOR_SEARCH_CHECK_CONSTRAINTS_H_

#include "caviar/v1/job.pb.h"
#include "coordinator/search/problems.h"

namespace caviar::search {

// Requires: CheckSpace, CheckFixed and CheckEnqueue found nothing. Some 10 ms where little is
// allowed.
void CheckConstraints(const v1::JobSpec& spec, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CHECK_CONSTRAINTS_H_
