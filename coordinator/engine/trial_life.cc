#include "coordinator/engine/trial_life.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/engine/adjustments.h"
#include "coordinator/engine/job_clock.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_checkpoints.h"
#include "coordinator/engine/trial_end.h"
#include "coordinator/engine/trial_on_worker.h"

namespace caviar::engine {
namespace {

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

Trial& NewTrial(EngineState& state, Job& job, search::Proposal proposal, uint64_t sampled_at,
                uint32_t grant, bool is_added) {
  const schedule::Outlook outlook = OutlookOf(job);
  Trial& trial = job.trials.emplace_back();
  v1::TrialRecord& record = trial.record;
  record.set_is_added(is_added);
  if (is_added) ++job.added_trials;
  record.set_job(job.id());
  record.set_number(static_cast<uint32_t>(job.trials.size()));
  record.set_state(v1::Trial::PENDING);
  *record.mutable_point() = std::move(proposal.point);
  record.set_sampled_at_sequence(sampled_at);
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

Trial& CreateTrial(EngineState& state, Job& job, search::Proposal proposal, uint64_t sampled_at,
                   uint32_t grant) {
  return NewTrial(state, job, std::move(proposal), sampled_at, grant, /*is_added=*/false);
}

Trial& CreateAddedTrial(EngineState& state, Job& job, search::Point point, uint32_t grant) {
  return NewTrial(state, job, {std::move(point), std::nullopt}, job.record.sequence(), grant,
                  /*is_added=*/true);
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
  // Told to pause a moment before its job came to its end.
  const bool is_best = !job.leaderboard.empty() && job.leaderboard.best() == trial.record.number();
  if (job.record.is_ending() && is_best && CanBecomeModel(trial.record)) {
    return TurnIntoModel(state, job, trial, job.record.reason());
  }
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

}  // namespace caviar::engine
