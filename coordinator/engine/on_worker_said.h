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

// The first message of a session (register_worker.cc).
void OnRegister(EngineState& state, SessionId session, const v1::Register& registration);

// Messages about attempts (attempt_messages.cc). Requires: the worker has a session.
void OnMeasurements(EngineState& state, Worker& worker, const v1::MeasurementBatch& batch);
void OnCheckpointSaved(EngineState& state, Worker& worker, const v1::CheckpointSaved& saved);
void OnAttemptFinished(EngineState& state, Worker& worker, const v1::AttemptFinished& finished);
void OnHandBack(EngineState& state, Worker& worker, const v1::HandBack& hand_back);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ON_WORKER_SAID_H_
