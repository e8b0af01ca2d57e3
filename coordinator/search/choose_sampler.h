// `sampler: auto`: which sampler a job gets whose submitter left that to the coordinator.
//
// Threads:     pure.
// Determinism: a function of the spec.
#ifndef CAVIAR_COORDINATOR_SEARCH_CHOOSE_SAMPLER_H_
#define CAVIAR_COORDINATOR_SEARCH_CHOOSE_SAMPLER_H_

#include <string>

#include "caviar/v1/job.pb.h"

namespace caviar::search {

struct SamplerChoice {
  v1::Sampler sampler;  // of a kind that proposes points; settings not filled in
  std::string reason;   // for Job.sampler_choice: "tpe, because …"
};

// By the trials that are left to sample, and by the space. Requires: `spec` has its budget and
// space filled in; neither needs to be valid.
SamplerChoice ChooseSampler(const v1::JobSpec& spec);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CHOOSE_SAMPLER_H_
