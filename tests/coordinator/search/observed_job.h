// A job for samplers that learn from Observations: points proposed one after the other while others
// run, ended with a loss that depends on the point alone.
#ifndef CAVIAR_TESTS_COORDINATOR_SEARCH_OBSERVED_JOB_H_
#define CAVIAR_TESTS_COORDINATOR_SEARCH_OBSERVED_JOB_H_

#include <functional>
#include <vector>

#include "caviar/v1/job.pb.h"
#include "coordinator/search/job_sampler.h"

namespace caviar::search {

struct ObservedJob {
  struct Options {
    int trials = 40;
    // Trials that run at once; the oldest ends when a further one starts.
    int parallel = 1;
    // Every fifth trial is stopped early, every seventh is infeasible, every eleventh never ends.
    bool has_accidents = false;
  };

  // `spec` needs a sampler as ExpandJob() leaves it, a space, a seed, and an objective's direction,
  // which is MINIMIZE.
  ObservedJob(const v1::JobSpec& spec, const Options& options,
              const std::function<double(const Point&)>& loss);

  std::vector<Proposal> proposals;
  Observations observations;
  double best = 0;  // the least loss of any trial
};

// Runs `sampler` (as in a job file's JSON, all settings given) over `json_of_space`.
v1::JobSpec ObservedSpec(absl::string_view sampler,
                         const google::protobuf::Map<std::string, v1::Domain>& space,
                         uint32_t seed);

}  // namespace caviar::search

#endif  // CAVIAR_TESTS_COORDINATOR_SEARCH_OBSERVED_JOB_H_
