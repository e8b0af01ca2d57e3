// What workers say: sessions begin and end, attempts report. Every message renews the worker's
// lease.
//
// Fencing: a message about an attempt counts only if that attempt is the newest of a running trial
// and belongs to the worker of this session; anything else changes nothing and is answered with
// Stop LOST (or FinishAck, when it repeats an end that is durable).
//
// Threads: thread-compatible; on the engine's owner.
// Errors:  a session that breaks the protocol is closed with the reason.
#ifndef CAVIAR_COORDINATOR_ENGINE_ON_WORKER_SAID_H_
#define CAVIAR_COORDINATOR_ENGINE_ON_WORKER_SAID_H_

#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/event.h"

namespace caviar::engine {

void OnWorkerSaid(EngineState& state, const WorkerSaid& said);
void OnSessionClosed(EngineState& state, const SessionClosed& closed);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ON_WORKER_SAID_H_
