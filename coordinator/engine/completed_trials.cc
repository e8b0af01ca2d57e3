#include "coordinator/engine/completed_trials.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/queries.h"

namespace caviar::engine {

absl::StatusOr<CompletedTrials> CompletedTrials::Start(const EngineState& state,
                                                       absl::string_view job) {
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t id, ResolveJob(state, job));
  const Job& found = *state.FindJob(id);
  CAVIAR_ASSIGN_OR_RETURN(search::Space space, search::Space::Create(found.spec().space()));
  search::Observations observations(space, found.spec().objective().direction());
  return CompletedTrials(id, found.spec().seed(), found.trials.size(), std::move(space),
                         std::move(observations));
}

CompletedTrials::CompletedTrials(uint32_t job, uint64_t seed, size_t end, search::Space space,
                                 search::Observations observations)
    : job_(job),
      seed_(seed),
      end_(end),
      space_(std::move(space)),
      observations_(std::move(observations)) {}

absl::StatusOr<bool> CompletedTrials::ReadMore(const EngineState& state, size_t trials_max) {
  const Job* const job = state.FindJob(job_);
  if (job == nullptr) {
    return absl::NotFoundError(absl::StrCat("job ", job_, " was deleted meanwhile"));
  }
  for (const size_t stop = std::min(end_, next_ + trials_max); next_ < stop; ++next_) {
    const v1::TrialRecord& record = job->trials[next_].record;
    if (record.state() != v1::Trial::COMPLETED || !record.has_value()) continue;
    observations_.AddTrial(space_, record.point());
    observations_.EndTrial(static_cast<uint32_t>(observations_.rows()),
                           search::Observations::Outcome::kCompleted, record.value(),
                           record.epochs());
  }
  return next_ < end_;
}

}  // namespace caviar::engine
