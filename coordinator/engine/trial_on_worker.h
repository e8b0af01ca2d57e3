// A trial and the worker that runs it.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_TRIAL_ON_WORKER_H_
#define CAVIAR_COORDINATOR_ENGINE_TRIAL_ON_WORKER_H_

#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

AttemptKey KeyOfTrial(const v1::TrialRecord& record);

// The trial has no worker any more; what it was told is not taken back.
void Detach(EngineState& state, Trial& trial);

// The same, and the worker is told to stop: its slot is free once it says so.
void TakeFromWorker(EngineState& state, Trial& trial);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_TRIAL_ON_WORKER_H_
