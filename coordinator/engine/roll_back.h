// A trial goes back to an earlier epoch, by a person's hand (adjust_trial.h).
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_ROLL_BACK_H_
#define CAVIAR_COORDINATOR_ENGINE_ROLL_BACK_H_

#include <cstdint>

#include "coordinator/engine/engine_state.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::engine {

// Any live state -> PENDING, or PAUSED if it is held or its job is paused: the trial is taken from
// its worker and goes back to its newest checkpoint of at most `epoch` epochs, or to its start.
// From there it trains as before to `epoch`, and then goes on with the values of `set`. Requires:
// `epoch` is on its curve, or was before it was rolled back to there.
void RollBack(EngineState& state, Job& job, Trial& trial, uint32_t epoch,
              const google::protobuf::Struct& set);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ROLL_BACK_H_
