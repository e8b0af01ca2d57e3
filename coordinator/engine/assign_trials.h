// Gives free slots to trials.
//
// The next slot goes to the job with the fewest running trials per weight (equal ones by id) among
// those that have something to hand out and are below max_parallel_trials. In a job, trials that
// wait to be resumed go first, by number, then promotions (scheduling.h), then new points. A trial
// goes to the worker with the smallest share of busy slots (WorkerTable::MostFree). A trial whose
// worker died in its last attempt runs alone on a worker; for those, workers are kept free first,
// at most half of them.
//
// Threads:     thread-compatible; on the engine's owner.
// Determinism: a function of the state; O(log n) an assignment.
#ifndef CAVIAR_COORDINATOR_ENGINE_ASSIGN_TRIALS_H_
#define CAVIAR_COORDINATOR_ENGINE_ASSIGN_TRIALS_H_

#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Brings the job's place in the queue in line with what it could hand out now.
void RefreshRunnable(EngineState& state, Job& job);

// Until slots or trials are used up.
void AssignTrials(EngineState& state);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ASSIGN_TRIALS_H_
