// The settings of the gp sampler: defaults and bounds.
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_SETTINGS_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_SETTINGS_H_

#include "caviar/v1/job.pb.h"
#include "coordinator/search/problems.h"

namespace caviar::search {

void FillGp(v1::GpSampler& gp);

void CheckGp(const v1::GpSampler& gp, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_SETTINGS_H_
