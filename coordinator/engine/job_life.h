// The steps of a job's life after its submission.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_JOB_LIFE_H_
#define CAVIAR_COORDINATOR_ENGINE_JOB_LIFE_H_

#include "absl/status/status.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// RUNNING -> PAUSED: running trials are told to hand back. kFailedPrecondition if it has ended.
absl::Status PauseJob(EngineState& state, Job& job);
// PAUSED -> RUNNING. kFailedPrecondition if it has ended.
absl::Status ResumeJob(EngineState& state, Job& job);
// Ends the job and all of its trials; nothing changes if it has ended.
void CancelJob(EngineState& state, Job& job);
// budget.trials grows by `trials`, total_epochs (where set) by as many times budget.epochs; a job
// that has ended runs again. kInvalidArgument, kFailedPrecondition or kResourceExhausted with the
// bound.
absl::Status ExtendJob(EngineState& state, Job& job, int32_t trials);

// Whether the trial has trained all it was granted and, because total_epochs is used up, will get
// no more: its worker must be told, since it waits for more at the end of a grant.
bool HasUsedLastGrant(const Job& job, const v1::TrialRecord& record);

// What a running attempt is to be told besides going on; REASON_UNSPECIFIED for nothing.
v1::Stop::Reason DesiredStop(const Job& job, const v1::TrialRecord& record);

// Ends the job if nothing is left to do. What is PAUSED becomes PRUNED; but first the best trial,
// if it is among them, gets a worker that turns its checkpoint into a model.
void SettleJob(EngineState& state, Job& job);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_JOB_LIFE_H_
