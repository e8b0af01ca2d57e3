#include "coordinator/engine/job.h"

#include "common/status/status_macros.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/warm_start.h"

namespace caviar::engine {
namespace {

search::Observations::Outcome OutcomeOf(v1::Trial::State ended) {
  switch (ended) {
    case v1::Trial::COMPLETED:
      return search::Observations::Outcome::kCompleted;
    case v1::Trial::INFEASIBLE:
    case v1::Trial::FAILED:
      return search::Observations::Outcome::kInfeasible;
    default:
      return search::Observations::Outcome::kPruned;
  }
}

// Shows the sampler what other jobs have found.
void ShowPriors(std::vector<Prior> priors, Job& job) {
  job.prior_points.clear();
  if (job.sampler->uses_observations()) {
    for (const Prior& prior : priors) {
      job.observations.AddPrior(job.sampler->space(), prior.point, prior.value);
    }
  }
  if (!job.sampler->uses_history()) return;
  for (Prior& prior : priors) {
    if (!prior.value.has_value()) continue;
    job.prior_points.push_back(std::move(prior.point));
    job.history.AddPrior(&job.prior_points.back(), *prior.value);
  }
}

}  // namespace

Job::Job(v1::JobRecord job_record)
    : record(std::move(job_record)),
      leaderboard(record.spec().objective().direction()),
      models(record.spec().objective().direction()) {}

bool Job::has_ended() const {
  return record.state() != v1::Job::RUNNING && record.state() != v1::Job::PAUSED;
}

uint64_t Job::total_epochs() const {
  const v1::Budget& budget = spec().budget();
  if (budget.total_epochs() > 0) return static_cast<uint64_t>(budget.total_epochs());
  return static_cast<uint64_t>(budget.trials()) * static_cast<uint64_t>(budget.epochs());
}

Trial* Job::FindTrial(uint32_t number) {
  return number >= 1 && number <= trials.size() ? &trial(number) : nullptr;
}

bool IsLive(v1::Trial::State state) {
  return state == v1::Trial::PENDING || state == v1::Trial::RUNNING || state == v1::Trial::PAUSED;
}

bool IsRanked(v1::Trial::State state) {
  return state != v1::Trial::INFEASIBLE && state != v1::Trial::FAILED;
}

bool IsHeld(const v1::TrialRecord& record) {
  return record.state() == v1::Trial::PAUSED && record.is_held();
}

absl::Status StartSearch(const EngineState& state, Job& job) {
  CAVIAR_ASSIGN_OR_RETURN(std::vector<Prior> priors, PriorsOf(state, job));
  return StartSearch(job, std::move(priors));
}

absl::Status StartSearch(Job& job, std::vector<Prior> priors) {
  v1::JobSpec submitted = job.spec();
  if (job.record.submitted_trials() > 0) {  // else it is of an older version
    submitted.mutable_budget()->set_trials(job.record.submitted_trials());
  }
  CAVIAR_ASSIGN_OR_RETURN(search::JobSampler sampler, search::JobSampler::Create(submitted));
  job.sampler = std::make_shared<const search::JobSampler>(std::move(sampler));
  job.point_ahead.ready.reset();
  job.point_ahead.thinking.reset();
  job.assessment.reports = 0;
  job.assessment.is_under_way = false;
  ++job.assessment.ticket;
  job.scheduler = schedule::MakeScheduler(job.spec());
  job.exhausted_reason.clear();
  job.history = search::History(job.spec().objective().direction());
  job.observations = search::Observations(job.sampler->space(), job.spec().objective().direction());
  ShowPriors(std::move(priors), job);
  for (const Trial& trial : job.trials) ShowCreated(job, trial);
  CAVIAR_RETURN_IF_ERROR(TellScheduler(job));
  for (const Trial& trial : job.trials) {
    if (!IsLive(trial.record.state())) ShowEnded(job, trial);
  }
  return absl::OkStatus();
}

absl::StatusOr<search::Proposal> ProposeTrial(const Job& job, uint32_t number) {
  if (job.record.has_origin()) {
    const auto source = static_cast<int>(SourceIndexOf(job.record.origin(), number));
    return search::Proposal{job.spec().enqueue(source), std::nullopt};
  }
  return job.sampler->Propose(number, job.history, job.observations, job.added_trials);
}

void ShowCreated(Job& job, const Trial& trial) {
  if (job.sampler == nullptr) return;
  const v1::TrialRecord& record = trial.record;
  if (job.sampler->uses_history()) job.history.AddPoint(record.point());
  if (job.sampler->uses_observations()) {
    job.observations.AddTrial(job.sampler->space(), record.point(), record.sampler_note());
  }
}

void ShowEnded(Job& job, const Trial& trial) {
  if (job.sampler == nullptr) return;
  const v1::TrialRecord& record = trial.record;
  std::optional<double> value;
  if (record.has_value()) value = record.value();
  if (job.sampler->uses_observations()) {
    job.observations.EndTrial(record.number(), OutcomeOf(record.state()), value, record.epochs());
  }
  // What diverged after a good epoch is no place to look for more.
  if (job.sampler->uses_history() && value.has_value() && IsRanked(record.state())) {
    job.history.AddValue(record.number(), &record.point(), *value);
  }
}

void LeaveState(Job& job, const Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  --job.counts[record.state()];
  job.reserved_epochs -= record.until_epoch();
  job.epochs_done -= record.epochs_high();
  if (IsHeld(record)) --job.held;
  if (!IsLive(record.state())) return;
  job.live.erase(record.number());
  job.ready.erase(record.number());
  job.suspects.erase(record.number());
}

void EnterState(Job& job, const Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  ++job.counts[record.state()];
  job.reserved_epochs += record.until_epoch();
  job.epochs_done += record.epochs_high();
  if (IsHeld(record)) ++job.held;
  if (!IsLive(record.state())) return;
  job.live.insert(record.number());
  if (record.state() != v1::Trial::PENDING) return;
  (record.worker_deaths() > 0 ? job.suspects : job.ready).insert(record.number());
}

bool UpdateRank(Job& job, Trial& trial) {
  std::optional<double> value;
  if (trial.record.has_value() && IsRanked(trial.record.state())) value = trial.record.value();
  if (value == trial.ranked_value) return false;
  const uint32_t number = trial.record.number();
  const bool was_best = !job.leaderboard.empty() && job.leaderboard.best() == number;
  job.leaderboard.Move(number, trial.ranked_value, value);
  trial.ranked_value = value;
  return was_best || (!job.leaderboard.empty() && job.leaderboard.best() == number);
}

}  // namespace caviar::engine
