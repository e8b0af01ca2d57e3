#include "coordinator/engine/job_life.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/assign_trials.h"
#include "coordinator/engine/budget.h"
#include "coordinator/engine/job_clock.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_end.h"
#include "coordinator/engine/trial_life.h"
#include "coordinator/engine/warm_start.h"
#include "coordinator/search/job_limits.h"

namespace caviar::engine {
namespace {

absl::Status HasEndedError(const Job& job, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("job ", job.id(), " (", job.spec().name(), ") has ended (",
                   v1::Job::State_Name(job.record.state()), ") and cannot be ", what));
}

std::vector<uint32_t> LiveTrials(const Job& job) { return {job.live.begin(), job.live.end()}; }

void TellRunningTrials(EngineState& state, Job& job, v1::Stop::Reason reason) {
  for (const uint32_t number : job.live) {
    const v1::TrialRecord& record = job.trial(number).record;
    if (record.state() != v1::Trial::RUNNING) continue;
    const Worker* const worker = state.workers.Find(record.worker_id());
    if (worker == nullptr || !worker->session.has_value()) continue;
    TellStop(state, *worker->session, {job.id(), number, record.attempt()}, reason);
  }
}

// Why no trial has a value: the reason that most of them give.
std::string FailureReason(const Job& job) {
  if (job.trials.empty()) {
    return job.exhausted_reason.empty() ? "no trial was started" : job.exhausted_reason;
  }
  std::map<std::string, int> counts;
  for (const Trial& trial : job.trials) ++counts[trial.record.reason()];
  auto most = counts.begin();
  for (auto entry = counts.begin(); entry != counts.end(); ++entry) {
    if (entry->second > most->second) most = entry;
  }
  const bool all_infeasible = job.counts[v1::Trial::INFEASIBLE] == job.trials.size();
  return absl::StrCat(
      all_infeasible ? std::string("every trial was infeasible: ")
                     : absl::StrCat("no trial measured ", job.spec().objective().metric(), ": "),
      most->first.empty() ? "they give no reason" : most->first,
      counts.size() > 1 ? absl::StrCat(" (", most->second, " of ", job.trials.size(), " trials)")
                        : std::string());
}

// Which bound ended the job; empty for budget.trials, which the counts of its trials show.
std::string CompletionReason(const Job& job) {
  if (job.record.is_ending()) return job.record.reason();
  if (!job.exhausted_reason.empty()) return job.exhausted_reason;
  const bool is_short = job.trials.size() < job.budget_trials() ||
                        absl::StartsWith(job.trials.back().record.reason(), kLastGrantReason);
  return is_short ? kTotalEpochsReason : "";
}

void EndJob(EngineState& state, Job& job, v1::Job::State ended, absl::string_view reason) {
  CAVIAR_CHECK(job.live.empty()) << "job " << job.id();
  TouchJobRecord(state, job);
  StopClock(state, job);
  job.record.set_state(ended);
  job.record.set_reason(std::string(reason));
  *job.record.mutable_ended_at() = TimestampOf(state.now);
  for (v1::RungProgress& rung : job.scheduler->Rungs()) *job.record.add_rungs() = std::move(rung);
  job.sampler.reset();
  job.scheduler.reset();
  job.history = search::History();
  job.observations = search::Observations();
  job.prior_points.clear();
  --state.live_jobs;
  if (ended == v1::Job::COMPLETED) PlanRetest(state, job);
}

// With `trials` more. What a cancelled job had left when it was cancelled stays cancelled.
absl::StatusOr<v1::Budget> ExtendedBudget(const Job& job, int32_t trials) {
  v1::Budget budget = job.spec().budget();
  const bool is_cancelled = job.record.state() == v1::Job::CANCELLED;
  const int64_t trials_before = is_cancelled ? static_cast<int64_t>(job.trials.size())
                                             : static_cast<int64_t>(budget.trials());
  if (trials_before + trials > search::kTrialsMax) {
    return absl::InvalidArgumentError(absl::StrCat("trials: job ", job.id(), " has ", trials_before,
                                                   ", and a job has at most ", search::kTrialsMax));
  }
  budget.set_trials(static_cast<int32_t>(trials_before + trials));
  if (!budget.has_total_epochs()) return budget;
  const int64_t epochs_before = is_cancelled ? static_cast<int64_t>(job.reserved_epochs)
                                             : static_cast<int64_t>(budget.total_epochs());
  const int64_t total = epochs_before + static_cast<int64_t>(trials) * budget.epochs();
  if (total > std::numeric_limits<int32_t>::max()) {
    return absl::InvalidArgumentError("trials: total_epochs would exceed 2147483647");
  }
  budget.set_total_epochs(static_cast<int32_t>(total));
  return budget;
}

// Makes ready to run on what has ended.
absl::Status Revive(const EngineState& state, Job& job) {
  const auto dataset = state.datasets.find(job.spec().dataset());
  if (dataset == state.datasets.end() ||
      dataset->second.dataset().digest() != job.record.dataset_digest()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data set \"", job.spec().dataset(), "\" of job ", job.id(),
                     " was deleted; import it again under that name"));
  }
  if (state.live_jobs >= kLiveJobsMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kLiveJobsMax, " jobs are running; wait for one to end"));
  }
  absl::Status status = StartSearch(state, job);
  if (status.ok() || absl::IsFailedPrecondition(status)) return status;  // a source is gone
  return absl::FailedPreconditionError(
      absl::StrCat("job ", job.id(), " was submitted to another version of the coordinator; ",
                   "submit it anew: ", status.message()));
}

}  // namespace

absl::Status PauseJob(EngineState& state, Job& job) {
  if (job.has_ended()) return HasEndedError(job, "paused");
  if (job.record.state() == v1::Job::PAUSED) return absl::OkStatus();
  if (job.record.is_ending()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " is ending: ", job.record.reason()));
  }
  TouchJobRecord(state, job);
  job.record.set_state(v1::Job::PAUSED);
  StopClock(state, job);
  TellRunningTrials(state, job, v1::Stop::PAUSED);
  return absl::OkStatus();
}

absl::Status ResumeJob(EngineState& state, Job& job) {
  if (job.has_ended()) return HasEndedError(job, "resumed; extend it to run more trials");
  if (job.record.state() == v1::Job::RUNNING) return absl::OkStatus();
  TouchJobRecord(state, job);
  job.record.set_state(v1::Job::RUNNING);
  ContinueClock(state, job);
  for (const uint32_t number : LiveTrials(job)) {
    Trial& trial = job.trial(number);
    if (trial.record.state() != v1::Trial::PAUSED || WaitsAtRung(job, trial.record)) continue;
    if (trial.record.is_held()) continue;
    Unpause(state, job, trial);
  }
  return absl::OkStatus();
}

void CancelJob(EngineState& state, Job& job) {
  if (job.has_ended()) return;
  for (const uint32_t number : LiveTrials(job)) {
    EndTrial(state, job, job.trial(number), v1::Trial::CANCELLED, "the job was cancelled");
  }
  EndJob(state, job, v1::Job::CANCELLED, "cancelled by a user");
}

absl::Status ExtendJob(EngineState& state, Job& job, int32_t trials) {
  if (trials <= 0) return absl::InvalidArgumentError("trials: must be > 0");
  if (job.record.has_origin()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " trains the points of job ", job.record.origin().job(),
                     " again and has no others; repeat that one with more seeds"));
  }
  CAVIAR_ASSIGN_OR_RETURN(const v1::Budget extended, ExtendedBudget(job, trials));
  if (job.record.is_ending()) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job.id(), " takes no more trials (",
                                                      job.record.reason(), "); submit a new job"));
  }
  if (job.has_ended()) CAVIAR_RETURN_IF_ERROR(Revive(state, job));
  *job.record.mutable_spec()->mutable_budget() = extended;
  TouchJobRecord(state, job);
  if (!job.has_ended()) return absl::OkStatus();
  ++state.live_jobs;
  job.record.set_state(v1::Job::RUNNING);
  job.record.clear_reason();
  job.record.clear_ended_at();
  job.record.clear_rungs();
  ForgetRetest(state, job);
  ContinueClock(state, job);
  return absl::OkStatus();
}

bool HasUsedLastGrant(const Job& job, const v1::TrialRecord& record) {
  return !job.scheduler->GrantsByRung() && record.epochs() >= record.until_epoch() &&
         record.until_epoch() < static_cast<uint32_t>(job.spec().budget().epochs());
}

v1::Stop::Reason DesiredStop(const Job& job, const v1::TrialRecord& record) {
  if (job.record.is_ending() || HasUsedLastGrant(job, record)) return v1::Stop::PRUNED;
  if (!record.prune_reason().empty()) return v1::Stop::PRUNED;
  if (job.record.state() == v1::Job::PAUSED || WaitsAtRung(job, record)) return v1::Stop::PAUSED;
  if (record.is_held() || record.has_next_adjustment()) return v1::Stop::PAUSED;
  return v1::Stop::REASON_UNSPECIFIED;
}

void SettleJob(EngineState& state, Job& job) {
  if (job.has_ended() || MayCreateTrials(job)) return;
  const uint32_t paused = job.counts[v1::Trial::PAUSED];
  if (job.live.size() > paused) return;
  if (job.held > 0) return;
  if (paused > 0 && job.record.state() == v1::Job::PAUSED) return;
  if (NextPromotion(job).has_value()) return;  // it waits for a slot
  if (GiveBestItsModel(state, job)) {
    RefreshRunnable(state, job);
    return AssignTrials(state);
  }
  for (const uint32_t number : LiveTrials(job)) {
    Trial& trial = job.trial(number);
    EndTrial(state, job, trial, v1::Trial::PRUNED,
             WaitsAtRung(job, trial.record) ? job.scheduler->WhyNotPromoted(number)
                                            : "paused at the job's end");
  }
  if (job.leaderboard.empty()) {
    return EndJob(state, job, v1::Job::FAILED, FailureReason(job));
  }
  EndJob(state, job, v1::Job::COMPLETED, CompletionReason(job));
}

}  // namespace caviar::engine
