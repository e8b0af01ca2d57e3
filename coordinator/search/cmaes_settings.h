// The settings of the cmaes sampler: defaults and bounds.
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_CMAES_SETTINGS_H_
#define CAVIAR_COORDINATOR_SEARCH_CMAES_SETTINGS_H_

#include "caviar/v1/job.pb.h"
#include "coordinator/search/problems.h"
#include "google/protobuf/map.h"

namespace caviar::search {

// `space` counts the numeric parameters, on which the default population depends.
void FillCmaes(const google::protobuf::Map<std::string, v1::Domain>& space,
               v1::CmaesSampler& cmaes);

void CheckCmaes(const v1::CmaesSampler& cmaes, Problems& problems);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CMAES_SETTINGS_H_
