// The first message of a session: who the worker is, what it runs, and what the coordinator desires
// of that. Afterwards both sides believe the same of every attempt.
//
// Threads:  thread-compatible; on the engine's owner.
// Errors:   a registration that cannot be accepted closes the session with the reason.
#ifndef CAVIAR_COORDINATOR_ENGINE_REGISTER_WORKER_H_
#define CAVIAR_COORDINATOR_ENGINE_REGISTER_WORKER_H_

#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// A newer session of a worker supersedes the older one.
void OnRegister(EngineState& state, SessionId session, const v1::Register& registration);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_REGISTER_WORKER_H_
