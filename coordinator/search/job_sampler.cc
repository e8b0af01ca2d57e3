#include "coordinator/search/job_sampler.h"

#include <utility>

#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {

absl::StatusOr<JobSampler> JobSampler::Create(const v1::JobSpec& spec) {
  CAVIAR_ASSIGN_OR_RETURN(Space space, Space::Create(spec.space()));
  return JobSampler(spec, std::make_unique<const Space>(std::move(space)));
}

JobSampler::JobSampler(const v1::JobSpec& spec, std::unique_ptr<const Space> space)
    : spec_(spec),
      space_(std::move(space)),
      sampler_(spec.scheduler().has_bohb() ? MakeTpeSampler(spec.sampler().tpe(), *space_, true)
                                           : MakeSampler(spec.sampler(), *space_)) {}

absl::StatusOr<Proposal> JobSampler::Propose(uint32_t trial_number, const History& history,
                                             const Observations& observations) const {
  CAVIAR_CHECK(trial_number > 0);
  if (IsEnqueued(trial_number)) {
    const std::vector<double> unit = DrawUnit(*space_, spec_.seed(), trial_number);
    return Proposal{space_->AtUnit(unit, spec_.enqueue(static_cast<int>(trial_number) - 1)),
                    std::nullopt};
  }
  return sampler_->Propose(RequestFor(trial_number, &history, &observations));
}

bool JobSampler::ThinksLong(uint32_t trial_number, const Observations& observations) const {
  return !IsEnqueued(trial_number) &&
         sampler_->ThinksLong(RequestFor(trial_number, nullptr, &observations));
}

bool JobSampler::IsEnqueued(uint32_t trial_number) const {
  return trial_number <= static_cast<uint32_t>(spec_.enqueue_size());
}

SampleRequest JobSampler::RequestFor(uint32_t trial_number, const History* history,
                                     const Observations* observations) const {
  return {
      .space = *space_,
      .seed = spec_.seed(),
      .trial_number = trial_number,
      .enqueued_trials = static_cast<uint32_t>(spec_.enqueue_size()),
      .budget_trials = static_cast<uint32_t>(spec_.budget().trials()),
      .history = history,
      .observations = observations,
  };
}

}  // namespace caviar::search
