#include "coordinator/engine/trial_checkpoints.h"

#include <optional>
#include <utility>

#include "coordinator/engine/limits.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {
namespace {

// Lets go of those that were kept past `epochs`.
void DropKeptCheckpoints(EngineState& state, v1::TrialRecord& record, uint32_t epochs) {
  auto& kept = *record.mutable_kept_checkpoints();
  while (!kept.empty() && kept.rbegin()->progress().epochs() > epochs) {
    state.artifacts.Remove(kept.rbegin()->digest());
    kept.RemoveLast();
  }
}

}  // namespace

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

void KeepCheckpoint(EngineState& state, v1::TrialRecord& record) {
  if (record.checkpoint_epoch() == 0 || !record.has_checkpoint_progress()) return;
  auto& kept = *record.mutable_kept_checkpoints();
  if (!kept.empty() && kept.rbegin()->progress().epochs() >= record.checkpoint_epoch()) return;
  state.artifacts.Add(record.checkpoint_digest());
  v1::KeptCheckpoint& checkpoint = *kept.Add();
  checkpoint.set_digest(record.checkpoint_digest());
  *checkpoint.mutable_progress() = record.checkpoint_progress();
  if (kept.size() <= kKeptCheckpointsMax) return;
  state.artifacts.Remove(kept.begin()->digest());
  kept.DeleteSubrange(0, 1);
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

}  // namespace caviar::engine
