#include "coordinator/engine/attempt_messages.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "coordinator/engine/early_end.h"
#include "coordinator/engine/job_clock.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/silent_deaths.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_checkpoints.h"
#include "coordinator/engine/trial_end.h"
#include "coordinator/engine/trial_life.h"
#include "coordinator/engine/unfit_worker.h"

namespace caviar::engine {
namespace {

struct LiveAttempt {
  Job* job = nullptr;
  Trial* trial = nullptr;
  explicit operator bool() const { return trial != nullptr; }
};

LiveAttempt FindLive(EngineState& state, const Worker& worker, const AttemptKey& key) {
  if (!worker.running.contains(key)) return {};
  Job* const job = state.FindJob(key.job);
  return {job, &job->trial(key.trial)};
}

// A message about an attempt that is not live. One that is being stopped on this very session was
// told so already.
void Refuse(EngineState& state, const Worker& worker, const AttemptKey& key) {
  if (worker.stopping.contains(key)) return;
  TellStop(state, *worker.session, key, v1::Stop::LOST);
}

void TellAck(EngineState& state, const Worker& worker, const AttemptKey& key, uint32_t sequence) {
  v1::CoordinatorMessage message;
  *message.mutable_ack()->mutable_id() = IdOf(key);
  message.mutable_ack()->set_sequence(sequence);
  Tell(state, *worker.session, std::move(message));
}

void TellResendFrom(EngineState& state, const Worker& worker, const AttemptKey& key,
                    uint32_t sequence) {
  v1::CoordinatorMessage message;
  *message.mutable_resend_from()->mutable_id() = IdOf(key);
  message.mutable_resend_from()->set_sequence(sequence);
  Tell(state, *worker.session, std::move(message));
}

void TellFinishAck(EngineState& state, const Worker& worker, const AttemptKey& key) {
  v1::CoordinatorMessage message;
  *message.mutable_finish_ack()->mutable_id() = IdOf(key);
  Tell(state, *worker.session, std::move(message));
}

// The worker contradicts itself or the protocol. The attempt is taken away from it; that counts
// like a death, so that a trial cannot be handed to broken workers for ever.
void Misbehave(EngineState& state, Worker& worker, const LiveAttempt& live, absl::string_view why) {
  const AttemptKey key{live.job->id(), live.trial->record.number(), live.trial->record.attempt()};
  LoseAttempt(state, *live.job, *live.trial, true, absl::StrCat("it broke the protocol: ", why));
  TellStop(state, *worker.session, key, v1::Stop::LOST);
}

// What is wrong with the batch as the continuation of the trial's curve; empty if nothing.
std::string ProblemOf(const v1::TrialRecord& record, const v1::MeasurementBatch& batch) {
  if (batch.metrics_size() > kBatchMetricsMax || batch.rows_size() > kBatchRowsMax) {
    return absl::StrCat(batch.metrics_size(), " metrics, ", batch.rows_size(), " rows in a batch");
  }
  for (const std::string& name : batch.metrics()) {
    if (name.empty() || name.size() > kMetricNameBytesMax) return "a metric's name is too long";
  }
  uint32_t epoch = record.epochs();
  for (const v1::MeasurementRow& row : batch.rows()) {
    if (row.epoch() != ++epoch) {
      return absl::StrCat("epoch ", row.epoch(), " where ", epoch, " was due");
    }
    if (row.values_size() != batch.metrics_size()) {
      return absl::StrCat(row.values_size(), " values for ", batch.metrics_size(), " metrics");
    }
  }
  if (epoch > record.until_epoch()) {
    return absl::StrCat("epoch ", epoch, " past its grant ", record.until_epoch());
  }
  return "";
}

void WriteCurveRow(EngineState& state, const v1::TrialRecord& record,
                   const v1::MeasurementBatch& batch, const v1::MeasurementRow& row) {
  v1::CurveRecord curve;
  curve.set_job(record.job());
  curve.set_trial(record.number());
  curve.set_epoch(row.epoch());
  curve.set_attempt(record.attempt());
  curve.set_sequence(record.changed_at_sequence());
  *curve.mutable_metrics() = batch.metrics();
  *curve.mutable_values() = row.values();
  state.step.effects.writes.push_back(std::move(curve));
}

// The attempt's stretch of curve becomes the trial's, or, while the curve is longer than what a
// retry has trained, is kept beside it.
void RecordProgress(v1::TrialRecord& record, const Lineage& lineage) {
  record.set_epochs(lineage.epochs());
  if (lineage.epochs() < record.epochs_high()) {
    *record.mutable_attempt_progress() = lineage.Now();
    return;
  }
  const bool has_caught_up = record.has_attempt_progress();
  record.clear_attempt_progress();
  record.set_epochs_high(lineage.epochs());
  if (!has_caught_up && lineage.best_epoch() == record.best_epoch()) {
    return record.set_seconds(lineage.seconds());
  }
  v1::Progress progress = lineage.Now();
  record.set_seconds(progress.seconds());
  record.clear_value();
  if (progress.has_value()) record.set_value(progress.value());
  record.set_best_epoch(progress.best_epoch());
  record.mutable_metrics()->swap(*progress.mutable_metrics());
}

void ApplyRows(EngineState& state, const LiveAttempt& live, const v1::MeasurementBatch& batch) {
  Job& job = *live.job;
  Trial& trial = *live.trial;
  v1::TrialRecord& record = trial.record;
  TouchTrial(state, job, trial);
  record.set_last_sequence(batch.sequence());
  const uint32_t measured_before = record.epochs_high();
  uint32_t repeated = 0;
  for (const v1::MeasurementRow& row : batch.rows()) {
    WriteCurveRow(state, record, batch, row);
    const std::optional<double> value = trial.lineage->Append(batch, row, job.spec().objective());
    if (row.epoch() <= measured_before) {
      ++repeated;
    } else {
      JudgeEpoch(job, trial, row.epoch(), value);
    }
  }
  trial.measured_at_sequence = record.changed_at_sequence();
  LeaveState(job, trial);
  RecordProgress(record, *trial.lineage);
  const bool is_freed = record.epochs_high() > measured_before && record.worker_deaths() > 0;
  if (is_freed) {
    record.set_worker_deaths(0);
    ForgetSilentDeaths(state, record);
  }
  EnterState(job, trial);
  if (repeated > 0) {
    job.record.set_epochs_repeated(job.record.epochs_repeated() + repeated);
    TouchJobRecord(state, job);
  }
  UpdateRank(job, trial);
  if (record.pending_checkpoint_epoch() > 0 &&
      record.pending_checkpoint_epoch() <= record.epochs()) {
    const std::string digest = record.pending_checkpoint_digest();
    AdoptCheckpoint(state, trial, record.pending_checkpoint_epoch(), digest);
  }
}

// The trial and its curve must be complete before the attempt's end counts. True if it does.
bool HasAllMeasurements(EngineState& state, Worker& worker, const LiveAttempt& live,
                        const AttemptKey& key, uint32_t final_sequence) {
  const uint32_t last = live.trial->record.last_sequence();
  if (final_sequence > last) {
    TellResendFrom(state, worker, key, last + 1);
    return false;
  }
  if (final_sequence < last) {
    Misbehave(state, worker, live,
              absl::StrCat("its last batch is ", final_sequence, " after ", last));
    return false;
  }
  return true;
}

// The worker says that an attempt has stopped which ended without it: its slot is free. False if
// there is no such attempt.
bool FreeStopped(EngineState& state, Worker& worker, const AttemptKey& key) {
  if (worker.stopping.erase(key) == 0) return false;
  worker.trained.erase(key);
  state.workers.Update(worker);
  return true;
}

// Whether this worker's attempt is the one that ended, or was handed back, last.
bool HasEnded(EngineState& state, const Worker& worker, const AttemptKey& key) {
  Job* const job = state.FindJob(key.job);
  const Trial* const trial = job == nullptr ? nullptr : job->FindTrial(key.trial);
  // worker_id is cleared when an attempt is lost, not when it ends.
  return trial != nullptr && trial->record.attempt() == key.attempt &&
         trial->record.worker_id() == worker.id;
}

// The end of an attempt that is not live: one that was settled before is answered again.
void AnswerLateEnd(EngineState& state, Worker& worker, const AttemptKey& key) {
  if (FreeStopped(state, worker, key) || HasEnded(state, worker, key)) {
    return TellFinishAck(state, worker, key);
  }
  Refuse(state, worker, key);
}

v1::Trial::State EndOf(const Job& job, const v1::TrialRecord& record,
                       v1::AttemptFinished::Outcome outcome) {
  switch (outcome) {
    case v1::AttemptFinished::COMPLETED:
      return v1::Trial::COMPLETED;
    case v1::AttemptFinished::INFEASIBLE:
      return v1::Trial::INFEASIBLE;
    case v1::AttemptFinished::STOPPED:
      if (HasUsedLastGrant(job, record)) return v1::Trial::COMPLETED;
      if (DesiredStop(job, record) == v1::Stop::PRUNED) {
        return record.has_value() || !record.prune_reason().empty() ? v1::Trial::PRUNED
                                                                    : v1::Trial::CANCELLED;
      }
      return v1::Trial::FAILED;
    default:
      return v1::Trial::FAILED;
  }
}

}  // namespace

void OnMeasurements(EngineState& state, Worker& worker, const v1::MeasurementBatch& batch) {
  const AttemptKey key = KeyOf(batch.id());
  const LiveAttempt live = FindLive(state, worker, key);
  if (!live) return Refuse(state, worker, key);
  const uint32_t last = live.trial->record.last_sequence();
  if (batch.sequence() <= last) return TellAck(state, worker, key, last);
  if (batch.sequence() > last + 1) return TellResendFrom(state, worker, key, last + 1);
  const std::string problem = ProblemOf(live.trial->record, batch);
  if (!problem.empty()) return Misbehave(state, worker, live, problem);
  ApplyRows(state, live, batch);
  worker.unfit = {};
  if (live.trial->record.worker_deaths() == 0 && worker.alone.erase(key) > 0) {
    state.workers.Update(worker);
  }
  TellAck(state, worker, key, batch.sequence());
  EndAtTarget(state, *live.job);
  DecideHowOn(state, worker, *live.job, *live.trial);
}

void OnCheckpointSaved(EngineState& state, Worker& worker, const v1::CheckpointSaved& saved) {
  const AttemptKey key = KeyOf(saved.id());
  const LiveAttempt live = FindLive(state, worker, key);
  if (!live) return Refuse(state, worker, key);
  v1::TrialRecord& record = live.trial->record;
  if (!IsSha256Hex(saved.digest()) || saved.epoch() < 1 || saved.epoch() > record.until_epoch()) {
    return Misbehave(state, worker, live,
                     absl::StrCat("a checkpoint of epoch ", saved.epoch(),
                                  " without a digest, or "
                                  "past its grant ",
                                  record.until_epoch()));
  }
  // Repeated on each session: an older one, or the same, changes nothing.
  if (saved.epoch() <= record.checkpoint_epoch()) return;
  if (saved.epoch() <= record.epochs()) {
    TouchTrial(state, *live.job, *live.trial);
    return AdoptCheckpoint(state, *live.trial, saved.epoch(), saved.digest());
  }
  if (saved.epoch() <= record.pending_checkpoint_epoch()) return;
  TouchTrial(state, *live.job, *live.trial);
  state.artifacts.Assign(record.mutable_pending_checkpoint_digest(), saved.digest());
  record.set_pending_checkpoint_epoch(saved.epoch());
}

void OnTrained(EngineState& state, Worker& worker, const v1::Trained& trained) {
  const AttemptKey key = KeyOf(trained.id());
  if (!FindLive(state, worker, key)) return Refuse(state, worker, key);
  worker.trained.insert(key);
  state.workers.Update(worker);
}

void OnAttemptFinished(EngineState& state, Worker& worker, const v1::AttemptFinished& finished) {
  const AttemptKey key = KeyOf(finished.id());
  const LiveAttempt live = FindLive(state, worker, key);
  if (!live) return AnswerLateEnd(state, worker, key);
  if (!HasAllMeasurements(state, worker, live, key, finished.final_sequence())) return;
  if (!finished.model_digest().empty() && !IsSha256Hex(finished.model_digest())) {
    return Misbehave(state, worker, live, "its model is named by no digest");
  }
  v1::AttemptFinished end = finished;
  const v1::Trial::State ended = EndOf(*live.job, live.trial->record, finished.outcome());
  if (ended == v1::Trial::FAILED && end.reason().empty()) {
    end.set_reason(finished.outcome() == v1::AttemptFinished::STOPPED
                       ? "the worker stopped it without being told to"
                       : "the worker gave no reason");
  }
  if (finished.outcome() == v1::AttemptFinished::STOPPED && ended != v1::Trial::FAILED) {
    const std::string& prune_reason = live.trial->record.prune_reason();
    end.set_reason(ended == v1::Trial::COMPLETED ? kLastGrantReason
                   : prune_reason.empty()        ? live.job->record.reason()
                                                 : prune_reason);
  }
  FinishTrial(state, *live.job, *live.trial, ended, end);
  TellFinishAck(state, worker, key);
}

void OnHandBack(EngineState& state, Worker& worker, const v1::HandBack& hand_back) {
  const AttemptKey key = KeyOf(hand_back.id());
  const LiveAttempt live = FindLive(state, worker, key);
  if (!live) return AnswerLateEnd(state, worker, key);
  if (!HasAllMeasurements(state, worker, live, key, hand_back.final_sequence())) return;
  const bool is_refusal =
      hand_back.final_sequence() == 0 && !worker.is_draining &&
      DesiredStop(*live.job, live.trial->record) == v1::Stop::REASON_UNSPECIFIED;
  if (!hand_back.reason().empty()) {
    ReturnFromUnfit(state, worker, *live.job, *live.trial, hand_back.reason());
  } else {
    ReturnAttempt(state, *live.job, *live.trial);
    if (is_refusal) PauseWorker(state, worker, kRefusalPause);
  }
  TellFinishAck(state, worker, key);
}

}  // namespace caviar::engine
