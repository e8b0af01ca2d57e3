#include "coordinator/engine/job_copy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/queries.h"
#include "coordinator/engine/warm_start.h"

namespace caviar::engine {

absl::StatusOr<JobCopy> JobCopy::Start(const EngineState& state, absl::string_view job) {
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t id, ResolveJob(state, job));
  const Job& found = *state.FindJob(id);
  CAVIAR_ASSIGN_OR_RETURN(std::vector<Prior> priors, PriorsOf(state, found));
  return JobCopy(found.record, std::move(priors), found.trials.size());
}

JobCopy::JobCopy(v1::JobRecord job, std::vector<Prior> priors, size_t end)
    : job_(std::move(job)), priors_(std::move(priors)), end_(end) {
  trials_.reserve(end);
}

absl::StatusOr<bool> JobCopy::ReadMore(const EngineState& state, size_t trials_max) {
  const Job* const job = state.FindJob(job_.id());
  if (job == nullptr) {
    return absl::NotFoundError(absl::StrCat("job ", job_.id(), " was deleted meanwhile"));
  }
  const size_t stop = std::min(end_, trials_.size() + trials_max);
  while (trials_.size() < stop) trials_.push_back(job->trials[trials_.size()].record);
  return trials_.size() < end_;
}

}  // namespace caviar::engine
