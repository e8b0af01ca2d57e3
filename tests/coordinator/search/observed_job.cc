#include "tests/coordinator/search/observed_job.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {

ObservedJob::ObservedJob(const v1::JobSpec& spec, const Options& options,
                         const std::function<double(const Point&)>& loss)
    : best(std::numeric_limits<double>::infinity()) {
  using Outcome = Observations::Outcome;
  const absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
  CAVIAR_CHECK_OK(sampler.status());
  observations = Observations(sampler->space(), v1::Objective::MINIMIZE);
  for (int trial = 1; trial <= options.trials; ++trial) {
    absl::StatusOr<Proposal> proposal = sampler->Propose(trial, {}, observations);
    CAVIAR_CHECK_OK(proposal.status());
    observations.AddTrial(sampler->space(), proposal->point, proposal->note);
    proposals.push_back(*std::move(proposal));
    best = std::min(best, loss(proposals.back().point));
    const int ended = trial - options.parallel + 1;
    if (ended < 1) continue;
    Outcome outcome = Outcome::kCompleted;
    if (options.has_accidents && ended % 11 == 0) continue;
    if (options.has_accidents && ended % 5 == 0) outcome = Outcome::kPruned;
    if (options.has_accidents && ended % 7 == 0) outcome = Outcome::kInfeasible;
    std::optional<double> value = loss(proposals[ended - 1].point);
    if (outcome == Outcome::kInfeasible) value.reset();
    observations.EndTrial(ended, outcome, value, 3);
  }
}

v1::JobSpec ObservedSpec(absl::string_view sampler,
                         const google::protobuf::Map<std::string, v1::Domain>& space,
                         uint32_t seed) {
  v1::JobSpec spec = SpecFromJson(absl::StrCat("{\"sampler\": ", sampler, "}"));
  *spec.mutable_space() = space;
  spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  spec.mutable_budget()->set_trials(100);
  spec.set_seed(seed);
  return spec;
}

}  // namespace caviar::search
