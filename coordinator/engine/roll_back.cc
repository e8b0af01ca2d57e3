#include "coordinator/engine/roll_back.h"

#include <algorithm>

#include "coordinator/engine/adjustments.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_checkpoints.h"
#include "coordinator/engine/trial_on_worker.h"

namespace caviar::engine {

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

}  // namespace caviar::engine
