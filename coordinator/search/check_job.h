// What makes a job impossible to run as written. Every problem is found, each with its path.
//
// Threads:     pure.
// Determinism: problems come in the order of the job file's reference; names in alphabetic order.
#ifndef CAVIAR_COORDINATOR_SEARCH_CHECK_JOB_H_
#define CAVIAR_COORDINATOR_SEARCH_CHECK_JOB_H_

#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/job.pb.h"
#include "coordinator/search/problems.h"

namespace caviar::search {

// Whether the spec is small enough for everything below and in expand_job.h, which looks at it in
// time that grows faster than its size. Cheap itself.
void CheckSizes(const v1::JobSpec& spec, Problems& problems);

// `spec` with its defaults filled in. Requires: CheckSizes found nothing.
void CheckJob(const v1::JobSpec& spec, const v1::Dataset& dataset, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CHECK_JOB_H_
