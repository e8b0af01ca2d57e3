// A trial goes on as a copy of another: its checkpoint, what that found, and its point, changed a
// little (pbt).
//
// Threads:     thread-compatible; on the engine's owner.
// Determinism: the new point is a function of (job seed, epochs, number) and the donor's point.
#ifndef CAVIAR_COORDINATOR_ENGINE_COPY_TRIAL_H_
#define CAVIAR_COORDINATOR_ENGINE_COPY_TRIAL_H_

#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// The recipient's curve stays its own; its value, best epoch and metrics become the donor's, whose
// weights it has. Requires: both are PAUSED at the same epoch with checkpoints of it; the recipient
// has left its state (LeaveState).
void CopyTrial(EngineState& state, const Job& job, v1::TrialRecord& recipient,
               const v1::TrialRecord& donor);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_COPY_TRIAL_H_
