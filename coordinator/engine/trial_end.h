// How a trial ends: its curve is settled, its checkpoints go, its model is kept or not, and
// sampler, scheduler and leaderboard are told.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_TRIAL_END_H_
#define CAVIAR_COORDINATOR_ENGINE_TRIAL_END_H_

#include "absl/strings/string_view.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Any live state -> an ended one, by the coordinator's own decision: a worker that runs it is told
// to stop.
void EndTrial(EngineState& state, Job& job, Trial& trial, v1::Trial::State ended,
              absl::string_view reason);

// RUNNING -> an ended state, as its worker reported. Its model is kept if it is among the best and
// holds the weights of the trial's best epoch.
void FinishTrial(EngineState& state, Job& job, Trial& trial, v1::Trial::State ended,
                 const v1::AttemptFinished& finished);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_TRIAL_END_H_
