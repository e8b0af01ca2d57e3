#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/queries.h"

namespace caviar::engine {

absl::StatusOr<JobChanges> ChangesAfter(const EngineState& state, uint32_t id, uint64_t after,
                                        int limit) {
  const Job* const job = state.FindJob(id);
  if (job == nullptr) return absl::NotFoundError(absl::StrCat("there is no job ", id));
  if (after > job->record.sequence()) {
    return absl::InvalidArgumentError(absl::StrCat("cursor: job ", id, " has not come to change ",
                                                   after, " yet, it is at ",
                                                   job->record.sequence()));
  }
  JobChanges changes;
  changes.through_sequence = job->record.sequence();
  for (auto change = job->changes.lower_bound({after + 1, 0}); change != job->changes.end();
       ++change) {
    if (changes.trials.size() == static_cast<size_t>(std::max(limit, 1))) {
      changes.through_sequence = std::prev(change)->first;
      break;
    }
    const Trial& trial = job->trial(change->second);
    changes.trials.push_back(TrialView(trial));
    if (trial.measured_at_sequence > after) changes.measured_trials.push_back(change->second);
  }
  const bool is_all = changes.through_sequence == job->record.sequence();
  if (job->changed_at_sequence > after && job->changed_at_sequence <= changes.through_sequence) {
    changes.job = JobView(*job);
  }
  changes.is_final = is_all && job->has_ended();
  return changes;
}

}  // namespace caviar::engine
