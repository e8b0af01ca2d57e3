#include "coordinator/engine/point_ahead.h"

#include <memory>
#include <string>
#include <utility>

#include "common/status/check.h"
#include "coordinator/engine/budget.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {
namespace {

bool IsReady(const Job& job) {
  return job.point_ahead.ready.has_value() &&
         job.point_ahead.ready->basis.trial == job.next_number();
}

void Exhaust(EngineState& state, Job& job, const absl::Status& why) {
  job.exhausted_reason = std::string(why.message());
  TouchJob(state, job);
}

}  // namespace

bool HasPoint(const Job& job) {
  return IsReady(job) ||
         !job.sampler->ThinksLong(job.next_number(), job.observations, job.added_trials);
}

std::optional<SampledPoint> TakePoint(EngineState& state, Job& job) {
  if (IsReady(job)) {
    PointAhead::Point ready = *std::move(job.point_ahead.ready);
    job.point_ahead.ready.reset();
    return SampledPoint{std::move(ready.proposal), ready.basis.at_sequence};
  }
  absl::StatusOr<search::Proposal> proposal = ProposeTrial(job, job.next_number());
  if (proposal.ok()) return SampledPoint{*std::move(proposal), job.record.sequence()};
  Exhaust(state, job, proposal.status());
  return std::nullopt;
}

void OrderPoint(EngineState& state, Job& job) {
  if (job.record.state() != v1::Job::RUNNING || !MayCreateTrials(job)) return;
  PointAhead& ahead = job.point_ahead;
  const uint32_t number = job.next_number();
  const uint64_t reports = job.observations.reports();
  if (ahead.thinking.has_value() && ahead.thinking->trial == number) return;
  if (IsReady(job) && ahead.ready->basis.reports == reports) return;
  if (!job.sampler->ThinksLong(number, job.observations, job.added_trials)) return;
  ahead.thinking = {.trial = number, .at_sequence = job.record.sequence(), .reports = reports};
  state.step.effects.sends.push_back(
      Think{[id = job.id(), ticket = ++ahead.ticket, number, added = job.added_trials,
             sampler = job.sampler,
             seen = std::make_shared<const search::Observations>(job.observations)]() -> Event {
        return PointProposed{id, ticket, sampler->Propose(number, search::History(), *seen, added)};
      }});
}

void OnPointProposed(EngineState& state, const PointProposed& proposed) {
  Job* const job = state.FindJob(proposed.job);
  if (job == nullptr || job->has_ended()) return;
  PointAhead& ahead = job->point_ahead;
  if (!ahead.thinking.has_value() || proposed.ticket != ahead.ticket) return;
  const PointAhead::Basis basis = *std::exchange(ahead.thinking, std::nullopt);
  VisitJob(state, *job);
  if (basis.trial != job->next_number()) return;
  if (!proposed.proposal.ok()) return Exhaust(state, *job, proposed.proposal.status());
  ahead.ready = {*proposed.proposal, basis};
}

}  // namespace caviar::engine
