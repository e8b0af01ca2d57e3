#include "coordinator/engine/restore.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/assign_trials.h"
#include "coordinator/engine/job_clock.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/silent_deaths.h"

namespace caviar::engine {
namespace {

absl::Status Contradiction(const v1::TrialRecord& record, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the record of trial ", record.number(), " of job ",
                                          record.job(), " is damaged: ", what));
}

absl::Status CheckTrial(const v1::TrialRecord& record) {
  if (!v1::Trial::State_IsValid(record.state()) || record.state() == v1::Trial::STATE_UNSPECIFIED) {
    return Contradiction(record, "it has no state");
  }
  if (record.epochs() > record.epochs_high() || record.epochs_high() > record.until_epoch()) {
    return Contradiction(record,
                         absl::StrCat(record.epochs(), " epochs of ", record.epochs_high(),
                                      " on its curve, of ", record.until_epoch(), " granted"));
  }
  if (record.checkpoint_epoch() > record.epochs_high() ||
      (record.checkpoint_epoch() > 0) != !record.checkpoint_digest().empty()) {
    return Contradiction(
        record, absl::StrCat("its checkpoint of epoch ", record.checkpoint_epoch(), " cannot be"));
  }
  if (static_cast<uint32_t>(record.silent_deaths_size()) > record.worker_deaths()) {
    return Contradiction(record, "more workers were lost by silence than at all");
  }
  for (const v1::KeptCheckpoint& kept : record.kept_checkpoints()) {
    if (kept.digest().empty() || kept.progress().epochs() > record.epochs_high()) {
      return Contradiction(record, absl::StrCat("it keeps a checkpoint of epoch ",
                                                kept.progress().epochs(), ", which cannot be"));
    }
  }
  if (!IsLive(record.state()) && (record.is_held() || record.has_next_adjustment())) {
    return Contradiction(record, "it has ended, and waits for a person");
  }
  if (record.state() == v1::Trial::RUNNING &&
      (record.attempt() == 0 || record.worker_id().empty())) {
    return Contradiction(record, "it runs nowhere");
  }
  return absl::OkStatus();
}

v1::Progress CurveProgress(const v1::TrialRecord& record) {
  v1::Progress progress;
  progress.set_epochs(record.epochs());
  if (record.has_value()) progress.set_value(record.value());
  progress.set_best_epoch(record.best_epoch());
  *progress.mutable_metrics() = record.metrics();
  progress.set_seconds(record.seconds());
  return progress;
}

void RestoreAttempt(EngineState& state, Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  trial.lineage = std::make_unique<Lineage>(
      record.has_attempt_progress() ? record.attempt_progress() : CurveProgress(record));
  Worker& worker = state.workers.Insert(record.worker_id());
  worker.name = record.worker_name();
  const AttemptKey key{record.job(), record.number(), record.attempt()};
  worker.running.insert(key);
  if (record.worker_deaths() > 0) worker.alone.insert(key);
  state.leases.Set(worker.id, state.now + state.options.lease + state.options.restart_grace);
}

// Derives what the engine keeps beside the record.
void AdoptTrial(EngineState& state, Job& job, Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  EnterState(job, trial);
  if (record.is_added()) ++job.added_trials;
  trial.indexed_sequence = record.changed_at_sequence();
  trial.measured_at_sequence = record.changed_at_sequence();
  job.changes.insert({record.changed_at_sequence(), record.number()});
  job.record.set_sequence(std::max(job.record.sequence(), record.changed_at_sequence()));
  UpdateRank(job, trial);
  if (!record.model_digest().empty() && trial.ranked_value.has_value()) {
    trial.shelved_value = trial.ranked_value;
    job.models.Move(record.number(), std::nullopt, trial.shelved_value);
  }
  state.artifacts.Add(record.checkpoint_digest());
  state.artifacts.Add(record.pending_checkpoint_digest());
  state.artifacts.Add(record.model_digest());
  for (const v1::KeptCheckpoint& kept : record.kept_checkpoints()) {
    state.artifacts.Add(kept.digest());
  }
  if (IsLive(record.state())) RestoreSilentDeaths(state, record);
  if (record.state() == v1::Trial::RUNNING) RestoreAttempt(state, trial);
}

absl::Status RestoreTrial(EngineState& state, v1::TrialRecord record) {
  Job* const job = state.FindJob(record.job());
  if (job == nullptr) return Contradiction(record, "there is no such job");
  if (record.number() != job->trials.size() + 1) {
    return Contradiction(record, absl::StrCat("trial ", job->trials.size() + 1,
                                              " is missing, or this one is there twice"));
  }
  CAVIAR_RETURN_IF_ERROR(CheckTrial(record));
  if (job->has_ended() && IsLive(record.state())) {
    return Contradiction(record, "it lives in a job that has ended");
  }
  Trial& trial = job->trials.emplace_back();
  trial.record = std::move(record);
  AdoptTrial(state, *job, trial);
  return absl::OkStatus();
}

absl::Status RestoreJob(EngineState& state, v1::JobRecord record) {
  const std::string name = absl::StrCat("the record of job ", record.id());
  if (record.id() == 0 || record.id() >= state.record.next_job_id()) {
    return absl::DataLossError(
        absl::StrCat(name, " is newer than the counter of jobs, ", state.record.next_job_id()));
  }
  if (state.jobs.contains(record.id())) {
    return absl::DataLossError(absl::StrCat(name, " is there twice"));
  }
  if (!v1::Job::State_IsValid(record.state()) || record.state() == v1::Job::STATE_UNSPECIFIED) {
    return absl::DataLossError(absl::StrCat(name, " has no state"));
  }
  InsertJob(state, std::make_unique<Job>(std::move(record)));
  return absl::OkStatus();
}

// Once all of its trials are there.
absl::Status ResumeSearch(EngineState& state, Job& job) {
  job.changed_at_sequence = job.record.sequence();
  if (job.trials.size() > job.budget_trials() || job.reserved_epochs > job.total_epochs()) {
    return absl::DataLossError(absl::StrCat("job ", job.id(), " has ", job.trials.size(),
                                            " trials with ", job.reserved_epochs,
                                            " epochs, more than its budget"));
  }
  RestoreRetest(state, job);
  if (job.has_ended()) return absl::OkStatus();
  const auto dataset = state.datasets.find(job.spec().dataset());
  if (dataset == state.datasets.end() ||
      dataset->second.dataset().digest() != job.record.dataset_digest()) {
    return absl::DataLossError(absl::StrCat("the data set \"", job.spec().dataset(), "\" of job ",
                                            job.id(), " is missing or another one"));
  }
  const absl::Status status = StartSearch(state, job);
  if (!status.ok()) {
    return absl::DataLossError(
        absl::StrCat("the spec of job ", job.id(), " is damaged: ", status.message()));
  }
  ArmWallTime(state, job);
  RefreshRunnable(state, job);
  // The first step orders its next point, if that has to be thought of.
  VisitJob(state, job);
  return absl::OkStatus();
}

}  // namespace

absl::Status RestoreState(EngineState& state, Snapshot snapshot, absl::Time now) {
  state.now = now;
  state.record = std::move(snapshot.engine);
  if (state.record.next_job_id() == 0) state.record.set_next_job_id(1);
  for (v1::DatasetRecord& record : snapshot.datasets) {
    state.artifacts.Add(record.dataset().digest());
    const std::string name = record.dataset().name();
    state.datasets[name] = std::move(record);
  }
  for (v1::JobRecord& record : snapshot.jobs) {
    CAVIAR_RETURN_IF_ERROR(RestoreJob(state, std::move(record)));
  }
  std::vector<v1::TrialRecord*> trials;
  trials.reserve(snapshot.trials.size());
  for (v1::TrialRecord& record : snapshot.trials) trials.push_back(&record);
  std::sort(trials.begin(), trials.end(), [](const auto* a, const auto* b) {
    return a->job() != b->job() ? a->job() < b->job() : a->number() < b->number();
  });
  for (v1::TrialRecord* const record : trials) {
    CAVIAR_RETURN_IF_ERROR(RestoreTrial(state, std::move(*record)));
  }
  for (auto& [id, job] : state.jobs) CAVIAR_RETURN_IF_ERROR(ResumeSearch(state, *job));
  return absl::OkStatus();
}

}  // namespace caviar::engine
