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

// `spec` with its defaults filled in.
void CheckJob(const v1::JobSpec& spec, const v1::Dataset& dataset, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CHECK_JOB_H_
