// What a worker says about one attempt.
//
// Threads:  thread-compatible; on the engine's owner. Requires: the worker has a session.
// Errors:   a message that contradicts the protocol costs the worker the attempt.
#ifndef CAVIAR_COORDINATOR_ENGINE_ATTEMPT_MESSAGES_H_
#define CAVIAR_COORDINATOR_ENGINE_ATTEMPT_MESSAGES_H_

#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

void OnMeasurements(EngineState& state, Worker& worker, const v1::MeasurementBatch& batch);
void OnCheckpointSaved(EngineState& state, Worker& worker, const v1::CheckpointSaved& saved);
void OnTrained(EngineState& state, Worker& worker, const v1::Trained& trained);
void OnAttemptFinished(EngineState& state, Worker& worker, const v1::AttemptFinished& finished);
void OnHandBack(EngineState& state, Worker& worker, const v1::HandBack& hand_back);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ATTEMPT_MESSAGES_H_
