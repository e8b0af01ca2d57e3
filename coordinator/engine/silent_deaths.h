// The deaths that trials count because nothing was heard of their worker. Most such workers are
// only cut off, all at once, by the network: when the same process is heard of again, however much
// later and by whatever start of the coordinator, it lived, and the deaths are taken back.
//
// They are on record in the trials (TrialRecord.silent_deaths); the index by worker in EngineState
// is derived.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_SILENT_DEATHS_H_
#define CAVIAR_COORDINATOR_ENGINE_SILENT_DEATHS_H_

#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// The newest of the deaths that the trial counts is of this kind. Requires: the trial lives and is
// touched in this step, the worker has registered.
void NoteSilentDeath(EngineState& state, Trial& trial, const Worker& worker);

// The trial counts no death any more, or has ended. Requires: it is touched in this step.
void ForgetSilentDeaths(EngineState& state, v1::TrialRecord& record);

// What the trial of a restored record says of itself.
void RestoreSilentDeaths(EngineState& state, const v1::TrialRecord& record);

// The worker is heard of: what it lived through is taken back, what an earlier process of its died
// of stands.
void SettleSilentDeaths(EngineState& state, const v1::Register& registration);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_SILENT_DEATHS_H_
