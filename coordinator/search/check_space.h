// Whether a job's `space`, `fixed` and `enqueue` fit the trainer's hyperparameters and each other.
//
// Threads:     pure.
// Determinism: names in alphabetic order.
#ifndef CAVIAR_COORDINATOR_SEARCH_CHECK_SPACE_H_
#define CAVIAR_COORDINATOR_SEARCH_CHECK_SPACE_H_

#include <string>

#include "caviar/v1/job.pb.h"
#include "coordinator/search/problems.h"

namespace caviar::search {

void CheckSpace(const v1::JobSpec& spec, Problems& problems);
void CheckFixed(const v1::JobSpec& spec, Problems& problems);
void CheckEnqueue(const v1::JobSpec& spec, Problems& problems);

// The same for a point that comes later, batch normalisation included. Requires: the spec is as
// ExpandJob() left it.
void CheckAddedPoint(const v1::JobSpec& spec, const std::string& path,
                     const google::protobuf::Struct& point, Problems& problems);

// Batch normalisation of a single row is zero. Requires: the checks above found nothing.
void CheckBatchNorm(const v1::JobSpec& spec, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CHECK_SPACE_H_
