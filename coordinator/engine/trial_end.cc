#include "coordinator/engine/trial_end.h"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/text/utf8.h"
#include "coordinator/engine/adjustments.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/silent_deaths.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_checkpoints.h"
#include "coordinator/engine/trial_on_worker.h"

namespace caviar::engine {
namespace {

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

}  // namespace

void EndTrial(EngineState& state, Job& job, Trial& trial, v1::Trial::State ended,
              absl::string_view reason) {
  CAVIAR_CHECK(IsLive(trial.record.state()) && !IsLive(ended));
  if (trial.record.state() == v1::Trial::RUNNING) TakeFromWorker(state, trial);
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

}  // namespace caviar::engine
