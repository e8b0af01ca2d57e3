// What the passing of time brings about.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_EXPIRE_H_
#define CAVIAR_COORDINATOR_ENGINE_EXPIRE_H_

#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Acts on every deadline <= state.now: leases, refusals, workers gone for long, wall times.
void Expire(EngineState& state);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_EXPIRE_H_
