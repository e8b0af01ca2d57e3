#include "coordinator/engine/job_clock.h"

#include "coordinator/engine/job_view.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {

void StartClock(EngineState& state, Job& job) {
  if (job.record.has_running_since()) return;
  TouchJobRecord(state, job);
  *job.record.mutable_running_since() = TimestampOf(state.now);
  if (!job.record.has_started_at()) *job.record.mutable_started_at() = TimestampOf(state.now);
  ArmWallTime(state, job);
}

void ContinueClock(EngineState& state, Job& job) {
  if (job.record.has_started_at()) StartClock(state, job);
}

void StopClock(EngineState& state, Job& job) {
  state.wall_times.Clear(job.id());
  if (!job.record.has_running_since()) return;
  TouchJobRecord(state, job);
  const absl::Duration ran = state.now - TimeOf(job.record.running_since());
  job.record.set_wall_seconds_used(job.record.wall_seconds_used() + absl::ToDoubleSeconds(ran));
  job.record.clear_running_since();
}

void ArmWallTime(EngineState& state, const Job& job) {
  const v1::Budget& budget = job.spec().budget();
  if (!budget.has_wall_time() || !job.record.has_running_since()) return;
  if (job.record.is_ending()) return;
  const absl::Duration wall_time =
      absl::Seconds(budget.wall_time().seconds()) + absl::Nanoseconds(budget.wall_time().nanos());
  state.wall_times.Set(job.id(), TimeOf(job.record.running_since()) + wall_time -
                                     absl::Seconds(job.record.wall_seconds_used()));
}

}  // namespace caviar::engine
