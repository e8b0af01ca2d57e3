#include "coordinator/search/job_sampler.h"

#include <utility>

#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"

namespace caviar::search {

absl::StatusOr<JobSampler> JobSampler::Create(const v1::JobSpec& spec) {
  CAVIAR_ASSIGN_OR_RETURN(Space space, Space::Create(spec));
  return JobSampler(spec, std::make_unique<const Space>(std::move(space)));
}

JobSampler::JobSampler(const v1::JobSpec& spec, std::unique_ptr<const Space> space)
    : spec_(spec),
      space_(std::move(space)),
      sampler_(spec.scheduler().has_bohb() ? MakeTpeSampler(spec.sampler().tpe(), *space_, true)
                                           : MakeSampler(spec.sampler(), *space_)) {}

absl::StatusOr<Point> JobSampler::Completed(uint32_t trial_number, const Point& given) const {
  return DrawAllowed(*space_, spec_.seed(), trial_number, given);
}

bool JobSampler::Proposes(uint32_t trial_number, uint32_t added_trials) const {
  return !spec_.sampler().has_external() ||
         trial_number - added_trials <= static_cast<uint32_t>(spec_.enqueue_size());
}

absl::StatusOr<Proposal> JobSampler::Propose(uint32_t trial_number, const History& history,
                                             const Observations& observations,
                                             uint32_t added_trials) const {
  CAVIAR_CHECK(trial_number > added_trials) << trial_number << " after " << added_trials;
  const uint32_t place = trial_number - added_trials;  // among those that were not added
  if (IsEnqueued(place)) {
    CAVIAR_ASSIGN_OR_RETURN(Point point,
                            Completed(trial_number, spec_.enqueue(static_cast<int>(place) - 1)));
    return Proposal{std::move(point), std::nullopt};
  }
  return sampler_->Propose(RequestFor(trial_number, added_trials, &history, &observations));
}

bool JobSampler::ThinksLong(uint32_t trial_number, const Observations& observations,
                            uint32_t added_trials) const {
  return !IsEnqueued(trial_number - added_trials) &&
         sampler_->ThinksLong(RequestFor(trial_number, added_trials, nullptr, &observations));
}

bool JobSampler::IsEnqueued(uint32_t place) const {
  return place <= static_cast<uint32_t>(spec_.enqueue_size());
}

SampleRequest JobSampler::RequestFor(uint32_t trial_number, uint32_t added_trials,
                                     const History* history,
                                     const Observations* observations) const {
  return {
      .space = *space_,
      .seed = spec_.seed(),
      .trial_number = trial_number,
      .added_trials = added_trials,
      .enqueued_trials = static_cast<uint32_t>(spec_.enqueue_size()),
      .budget_trials = static_cast<uint32_t>(spec_.budget().trials()),
      .history = history,
      .observations = observations,
  };
}

}  // namespace caviar::search
