// A trial's checkpoints: the newest usable one, one whose epoch the curve has not reached yet, and
// those that are kept for a rollback. Each is a reference to an artifact.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_TRIAL_CHECKPOINTS_H_
#define CAVIAR_COORDINATOR_ENGINE_TRIAL_CHECKPOINTS_H_

#include <cstdint>
#include <string>

#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Makes `digest` the newest usable checkpoint. Requires: its epoch is on the attempt's curve.
// Changes nothing when it is not known how the trial stood at that epoch.
void AdoptCheckpoint(EngineState& state, Trial& trial, uint32_t epoch, const std::string& digest);

// Keeps the newest usable checkpoint beyond its use by a retry; of too many the oldest goes.
void KeepCheckpoint(EngineState& state, v1::TrialRecord& record);

void DropPendingCheckpoint(EngineState& state, v1::TrialRecord& record);
// All of them, the kept ones too.
void DropCheckpoints(EngineState& state, v1::TrialRecord& record);

// The trial stands as it did after its newest checkpoint of at most `epoch` epochs, or at its
// start: curve, value and best epoch are those of then.
void ReturnToCheckpoint(EngineState& state, v1::TrialRecord& record, uint32_t epoch);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_TRIAL_CHECKPOINTS_H_
