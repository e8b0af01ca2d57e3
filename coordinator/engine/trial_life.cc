#include "coordinator/engine/trial_life.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/text/utf8.h"
#include "coordinator/engine/adjustments.h"
#include "coordinator/engine/job_clock.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/silent_deaths.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {
namespace {

AttemptKey KeyOfTrial(const v1::TrialRecord& record) {
  return {record.job(), record.number(), record.attempt()};
}

void SetState(Job& job, Trial& trial, v1::Trial::State to) {
  LeaveState(job, trial);
  trial.record.set_state(to);
  EnterState(job, trial);
}

v1::CoordinatorMessage AssignMessage(const Job& job, const Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  v1::CoordinatorMessage message;
  v1::Assign& assign = *message.mutable_assign();
  *assign.mutable_id() = IdOf(KeyOfTrial(record));
  *assign.mutable_hyperparameters() = ValuesAfter(job.spec(), record, record.checkpoint_epoch());
  for (v1::Change& change : ChangesLaterThan(record, record.checkpoint_epoch())) {
    *assign.add_changes() = std::move(change);
  }
  assign.set_seed(TrainingSeed(job.record, record.number()));
  *assign.mutable_objective() = job.spec().objective();
  assign.set_dataset_digest(job.record.dataset_digest());
  assign.set_checkpoint_digest(record.checkpoint_digest());
  assign.set_from_epoch(record.checkpoint_epoch());
  assign.set_until_epoch(record.until_epoch());
  assign.set_epochs(static_cast<uint32_t>(job.spec().budget().epochs()));
  return message;
}

// Takes a running trial off its worker.
void Detach(EngineState& state, Trial& trial) {
  trial.lineage.reset();
  Worker* const worker = state.workers.Find(trial.record.worker_id());
  if (worker == nullptr) return;
  worker->running.erase(KeyOfTrial(trial.record));
  worker->alone.erase(KeyOfTrial(trial.record));
  state.workers.Update(*worker);
}

// Takes a running trial away from its worker, whose slot is free once it says so.
void TakeFromWorker(EngineState& state, Trial& trial) {
  Detach(state, trial);
  Worker* const worker = state.workers.Find(trial.record.worker_id());
  if (worker == nullptr || !worker->session.has_value()) return;
  const AttemptKey key = KeyOfTrial(trial.record);
  worker->stopping.insert(key);
  state.workers.Update(*worker);
  TellStop(state, *worker->session, key, v1::Stop::CANCELLED);
}

void DropPendingCheckpoint(EngineState& state, v1::TrialRecord& record) {
  state.artifacts.Assign(record.mutable_pending_checkpoint_digest(), "");
  record.set_pending_checkpoint_epoch(0);
}

void DropCheckpoints(EngineState& state, v1::TrialRecord& record) {
  DropPendingCheckpoint(state, record);
  state.artifacts.Assign(record.mutable_checkpoint_digest(), "");
  record.set_checkpoint_epoch(0);
  record.clear_checkpoint_progress();
  DropKeptCheckpoints(state, record, 0);
}

// The trial stands as it did after its newest checkpoint of at most `epoch` epochs, or at its
// start.
void ReturnToCheckpoint(EngineState& state, v1::TrialRecord& record, uint32_t epoch) {
  DropKeptCheckpoints(state, record, epoch);
  const auto& kept = record.kept_checkpoints();
  v1::KeptCheckpoint start;  // of 0 epochs
  if (record.checkpoint_epoch() <= epoch && record.has_checkpoint_progress()) {
    start.set_digest(record.checkpoint_digest());
    *start.mutable_progress() = record.checkpoint_progress();
  } else if (!kept.empty()) {
    start = *kept.rbegin();
  }
  const v1::Progress& progress = start.progress();
  state.artifacts.Assign(record.mutable_checkpoint_digest(), start.digest());
  record.set_checkpoint_epoch(progress.epochs());
  record.clear_checkpoint_progress();
  if (progress.epochs() > 0) *record.mutable_checkpoint_progress() = progress;
  if (record.epochs_high() > progress.epochs()) {
    state.step.effects.writes.push_back(
        TruncateCurve{record.job(), record.number(), progress.epochs()});
  }
  record.set_epochs(progress.epochs());
  record.set_epochs_high(progress.epochs());
  record.clear_attempt_progress();
  record.clear_value();
  if (progress.has_value()) record.set_value(progress.value());
  record.set_best_epoch(progress.best_epoch());
  *record.mutable_metrics() = progress.metrics();
  record.set_seconds(progress.seconds());
}

// The curve of an ended trial is all that was measured. Only a retry that came to its own end
// before it had caught up (it ran where floating point differs) has the last word on where the
// curve ends: what an earlier attempt measured past it goes.
void SettleCurve(EngineState& state, v1::TrialRecord& record) {
  if (record.has_attempt_progress() && record.state() == v1::Trial::COMPLETED) {
    state.step.effects.writes.push_back(
        TruncateCurve{record.job(), record.number(), record.epochs()});
    v1::Progress& progress = *record.mutable_attempt_progress();
    record.set_epochs_high(record.epochs());
    record.clear_value();
    if (progress.has_value()) record.set_value(progress.value());
    record.set_best_epoch(progress.best_epoch());
    record.mutable_metrics()->swap(*progress.mutable_metrics());
    record.set_seconds(progress.seconds());
  }
  record.set_epochs(record.epochs_high());
  record.clear_attempt_progress();
  record.set_until_epoch(record.epochs_high());
}

// Whoever asked for a change should know that it came to nothing.
std::string ReasonOfEnd(const v1::TrialRecord& record, absl::string_view reason) {
  if (!record.has_next_adjustment()) return std::string(reason);
  return absl::StrCat(reason, reason.empty() ? "" : "; ", "ended before the change of ",
                      NamesIn(record.next_adjustment().set()), " could take effect");
}

void Conclude(EngineState& state, Job& job, Trial& trial, v1::Trial::State ended,
              absl::string_view reason) {
  v1::TrialRecord& record = trial.record;
  LeaveState(job, trial);
  record.set_state(ended);
  record.set_is_held(false);
  SettleCurve(state, record);
  EnterState(job, trial);
  DropCheckpoints(state, record);
  ForgetSilentDeaths(state, record);
  trial.refused_by.reset();
  record.set_reason(std::string(CutUtf8(ReasonOfEnd(record, reason), kReasonBytesMax)));
  record.clear_next_adjustment();
  *record.mutable_ended_at() = TimestampOf(state.now);
  StampEnd(state, job, trial);
  UpdateRank(job, trial);
  ShowEnded(job, trial);
  ScheduleEnd(job, trial);
}

// Only those of the test part: what was measured at the best epoch stays what it was.
void KeepFinalMetrics(v1::TrialRecord& record, const v1::AttemptFinished& finished) {
  std::map<absl::string_view, double> by_name;  // protobuf's maps have no order of their own
  for (const auto& [name, value] : finished.final_metrics()) {
    if (!absl::StartsWith(name, "test_") || name.size() > kMetricNameBytesMax) continue;
    if (std::isfinite(value)) by_name[name] = value;
  }
  int left = kBatchMetricsMax;
  for (const auto& [name, value] : by_name) {
    if (--left < 0) return;
    (*record.mutable_metrics())[std::string(name)] = value;
  }
}

// Keeps the model if the trial is among the best, instead of the worst kept so far.
void ShelveModel(EngineState& state, Job& job, Trial& trial, const std::string& digest) {
  if (digest.empty() || !trial.ranked_value.has_value()) return;
  state.artifacts.Assign(trial.record.mutable_model_digest(), digest);
  trial.shelved_value = trial.ranked_value;
  job.models.Move(trial.record.number(), std::nullopt, trial.shelved_value);
  if (job.models.size() <= kModelsKept) return;
  Trial& worst = job.trial(job.models.worst());
  job.models.Move(worst.record.number(), worst.shelved_value, std::nullopt);
  worst.shelved_value.reset();
  state.artifacts.Assign(worst.record.mutable_model_digest(), "");
  TouchTrial(state, job, worst);
}

// Where a trial goes that has no worker any more: it is RUNNING as yet.
void GoBack(EngineState& state, Job& job, Trial& trial, v1::Trial::State to) {
  v1::TrialRecord& record = trial.record;
  const bool has_checkpoint = record.checkpoint_epoch() >= record.until_epoch();
  const bool waits =
      WaitsAtRung(job, record) && (has_checkpoint || !job.scheduler->CopiesCheckpoints());
  SetState(job, trial, waits || record.is_held() ? v1::Trial::PAUSED : to);
  if (waits) ScheduleWait(job, trial);
  if (job.record.is_ending()) {
    return EndTrial(state, job, trial,
                    record.has_value() ? v1::Trial::PRUNED : v1::Trial::CANCELLED,
                    job.record.reason());
  }
  if (record.prune_reason().empty() || CanBecomeModel(record)) {
    return TakeUpAdjustment(state, job.spec(), record);
  }
  const std::string reason = record.prune_reason();
  EndTrial(state, job, trial, v1::Trial::PRUNED, reason);
}

// What is pruned already has not failed, whatever came of its checkpoint.
void GiveUp(EngineState& state, Job& job, Trial& trial, absl::string_view why) {
  const std::string reason = trial.record.prune_reason();
  if (reason.empty()) return EndTrial(state, job, trial, v1::Trial::FAILED, why);
  EndTrial(state, job, trial, v1::Trial::PRUNED, reason);
}

Trial& NewTrial(EngineState& state, Job& job, search::Proposal proposal, uint32_t grant,
                bool is_added) {
  const schedule::Outlook outlook = OutlookOf(job);
  Trial& trial = job.trials.emplace_back();
  v1::TrialRecord& record = trial.record;
  record.set_is_added(is_added);
  if (is_added) ++job.added_trials;
  record.set_job(job.id());
  record.set_number(static_cast<uint32_t>(job.trials.size()));
  record.set_state(v1::Trial::PENDING);
  *record.mutable_point() = std::move(proposal.point);
  record.set_sampled_at_sequence(job.record.sequence());
  record.set_sampler_note(proposal.note);
  record.set_until_epoch(grant);
  *record.mutable_created_at() = TimestampOf(state.now);
  EnterState(job, trial);
  ShowCreated(job, trial);
  ScheduleNew(job, trial, outlook);
  TouchTrial(state, job, trial);
  record.set_created_at_sequence(record.changed_at_sequence());
  return trial;
}

}  // namespace

Trial& CreateTrial(EngineState& state, Job& job, search::Proposal proposal, uint32_t grant) {
  return NewTrial(state, job, std::move(proposal), grant, /*is_added=*/false);
}

Trial& CreateAddedTrial(EngineState& state, Job& job, search::Point point, uint32_t grant) {
  return NewTrial(state, job, {std::move(point), std::nullopt}, grant, /*is_added=*/true);
}

void StartAttempt(EngineState& state, Job& job, Trial& trial, Worker& worker) {
  v1::TrialRecord& record = trial.record;
  CAVIAR_CHECK(record.state() == v1::Trial::PENDING && worker.session.has_value() &&
               worker.busy() < worker.slots)
      << "trial " << record.number() << " of job " << job.id() << " on worker " << worker.id;
  SetState(job, trial, v1::Trial::RUNNING);
  record.set_attempt(record.attempt() + 1);
  record.set_worker_id(worker.id);
  record.set_worker_name(worker.name);
  record.set_last_sequence(0);
  record.set_epochs(record.checkpoint_epoch());
  trial.lineage = std::make_unique<Lineage>(record.checkpoint_progress());
  record.clear_attempt_progress();
  if (record.epochs() < record.epochs_high()) {
    *record.mutable_attempt_progress() = trial.lineage->Now();
  }
  TouchTrial(state, job, trial);
  StartClock(state, job);
  worker.running.insert(KeyOfTrial(record));
  if (record.worker_deaths() > 0) worker.alone.insert(KeyOfTrial(record));
  state.workers.Update(worker);
  Tell(state, *worker.session, AssignMessage(job, trial));
  // Pruned, or given back at the very end of its last grant: it only has to be turned into a model.
  if (DesiredStop(job, record) == v1::Stop::PRUNED) {
    TellStop(state, *worker.session, KeyOfTrial(record), v1::Stop::PRUNED);
  }
}

void ReturnAttempt(EngineState& state, Job& job, Trial& trial) {
  Detach(state, trial);
  DropPendingCheckpoint(state, trial.record);
  TouchTrial(state, job, trial);
  GoBack(state, job, trial,
         job.record.state() == v1::Job::PAUSED ? v1::Trial::PAUSED : v1::Trial::PENDING);
}

void LoseAttempt(EngineState& state, Job& job, Trial& trial, bool worker_died,
                 absl::string_view why) {
  v1::TrialRecord& record = trial.record;
  Detach(state, trial);
  DropPendingCheckpoint(state, record);
  // Unlike a hand-back: whatever its old worker still says about the attempt is refused.
  record.clear_worker_id();
  TouchTrial(state, job, trial);
  LeaveState(job, trial);
  if (worker_died) record.set_worker_deaths(record.worker_deaths() + 1);
  EnterState(job, trial);
  if (record.worker_deaths() < kWorkerDeathsMax) {
    return GoBack(state, job, trial, v1::Trial::PENDING);
  }
  SetState(job, trial, v1::Trial::PENDING);
  GiveUp(state, job, trial,
         absl::StrCat("lost its worker ", record.worker_deaths(),
                      " times in a row without a new epoch, the last time on ",
                      record.worker_name(), ": ", why));
}

void CountFailedAttempt(EngineState& state, Job& job, Trial& trial, absl::string_view reason) {
  TouchTrial(state, job, trial);
  LeaveState(job, trial);
  trial.record.set_worker_deaths(trial.record.worker_deaths() + 1);
  EnterState(job, trial);
  if (trial.record.worker_deaths() >= kWorkerDeathsMax) {
    GiveUp(state, job, trial, reason);
  }
}

void TakeBackDeath(EngineState& state, Job& job, Trial& trial) {
  v1::TrialRecord& record = trial.record;
  if (record.worker_deaths() == 0) return;
  TouchTrial(state, job, trial);
  LeaveState(job, trial);
  record.set_worker_deaths(record.worker_deaths() - 1);
  EnterState(job, trial);
  if (record.state() != v1::Trial::RUNNING || record.worker_deaths() > 0) return;
  Worker& worker = *state.workers.Find(record.worker_id());
  worker.alone.erase(KeyOfTrial(record));
  state.workers.Update(worker);
}

void RollBack(EngineState& state, Job& job, Trial& trial, uint32_t epoch,
              const google::protobuf::Struct& set) {
  v1::TrialRecord& record = trial.record;
  TouchTrial(state, job, trial);
  v1::Adjustment& adjustment = *record.add_adjustments();
  adjustment.set_after_epoch(epoch);
  adjustment.set_rolled_back_from(std::max<uint32_t>(record.epochs_high(), 1));
  const google::protobuf::Struct values = ValuesAfter(job.spec(), record, epoch);
  *adjustment.mutable_set() = WhatChanges(values, set);
  *adjustment.mutable_replaced() = WhatIsReplaced(values, adjustment.set());
  *adjustment.mutable_created_at() = TimestampOf(state.now);

  if (record.state() == v1::Trial::RUNNING) TakeFromWorker(state, trial);
  record.clear_worker_id();  // as for a lost attempt: what its worker still says is refused
  DropPendingCheckpoint(state, record);
  LeaveState(job, trial);
  const bool waits = record.is_held() || job.record.state() == v1::Job::PAUSED;
  record.set_state(waits ? v1::Trial::PAUSED : v1::Trial::PENDING);
  ReturnToCheckpoint(state, record, epoch);
  record.clear_next_adjustment();
  EnterState(job, trial);
  KeepCheckpoint(state, record);
  UpdateRank(job, trial);
}

void Hold(EngineState& state, Job& job, Trial& trial) {
  v1::TrialRecord& record = trial.record;
  if (record.is_held()) return;
  TouchTrial(state, job, trial);
  LeaveState(job, trial);
  record.set_is_held(true);
  if (record.state() == v1::Trial::PENDING) record.set_state(v1::Trial::PAUSED);
  EnterState(job, trial);
}

void LetGo(EngineState& state, Job& job, Trial& trial) {
  v1::TrialRecord& record = trial.record;
  if (!record.is_held()) return;
  TouchTrial(state, job, trial);
  LeaveState(job, trial);
  record.set_is_held(false);
  EnterState(job, trial);
  if (record.state() == v1::Trial::PAUSED && job.record.state() == v1::Job::RUNNING) {
    Unpause(state, job, trial);
  }
}

void Unpause(EngineState& state, Job& job, Trial& trial) {
  CAVIAR_CHECK(trial.record.state() == v1::Trial::PAUSED);
  TouchTrial(state, job, trial);
  SetState(job, trial, v1::Trial::PENDING);
}

void EndTrial(EngineState& state, Job& job, Trial& trial, v1::Trial::State ended,
              absl::string_view reason) {
  CAVIAR_CHECK(IsLive(trial.record.state()) && !IsLive(ended));
  if (trial.record.state() == v1::Trial::RUNNING) {
    TakeFromWorker(state, trial);
  }
  Conclude(state, job, trial, ended, reason);
}

void FinishTrial(EngineState& state, Job& job, Trial& trial, v1::Trial::State ended,
                 const v1::AttemptFinished& finished) {
  CAVIAR_CHECK(trial.record.state() == v1::Trial::RUNNING && !IsLive(ended));
  Detach(state, trial);
  // A retry that was stopped before it came to the best epoch again has other weights than those
  // that were measured there.
  const bool has_best_weights =
      ended == v1::Trial::COMPLETED || !trial.record.has_attempt_progress() ||
      trial.record.attempt_progress().best_epoch() == trial.record.best_epoch();
  Conclude(state, job, trial, ended, finished.reason());
  if (!IsRanked(ended) || !has_best_weights) return;
  KeepFinalMetrics(trial.record, finished);
  ShelveModel(state, job, trial, finished.model_digest());
}

void AdoptCheckpoint(EngineState& state, Trial& trial, uint32_t epoch, const std::string& digest) {
  v1::TrialRecord& record = trial.record;
  std::optional<v1::Progress> progress = trial.lineage->At(epoch);
  if (!progress.has_value()) return;
  state.artifacts.Assign(record.mutable_checkpoint_digest(), digest);
  record.set_checkpoint_epoch(epoch);
  *record.mutable_checkpoint_progress() = *std::move(progress);
  trial.lineage->ForgetBefore(epoch);
  if (record.pending_checkpoint_epoch() <= epoch) DropPendingCheckpoint(state, record);
}

}  // namespace caviar::engine
