// Bounds of a job that lie outside the numbers of trials and epochs: wall_time, target, terminator.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_EARLY_END_H_
#define CAVIAR_COORDINATOR_ENGINE_EARLY_END_H_

#include "absl/strings/string_view.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/event.h"

namespace caviar::engine {

// No new trials from now on; running ones with a value are told to finish as PRUNED, all others end
// at once, PRUNED if they have a value and CANCELLED if not; but `keeps_best` has the best of them
// turned into a model first, if it has a checkpoint, whenever a worker is free. Requires: the job
// has not ended.
void EndEarly(EngineState& state, Job& job, absl::string_view reason, bool keeps_best);

// Ends a running job whose best trial has come to budget.target: as soon as that is measured,
// before anything else is decided about the trial, and at the end of a step.
void EndAtTarget(EngineState& state, Job& job);

// At a step's end: has it thought about whether more trials are worth while, if budget.terminator
// is set and there is news. Each time takes as long as a proposal of gp, so that with many trials
// it waits for a twentieth more of them.
void OrderAssessment(EngineState& state, Job& job);

void OnRemainingAssessed(EngineState& state, const RemainingAssessed& assessed);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_EARLY_END_H_
