// What a job learns from others (JobSpec.warm_start): trials that had ended when it was submitted,
// as points of its own space. Which these are is on record, so that the job learns the same after a
// restart, or when it is extended: while it lives, the jobs it took from cannot be deleted.
//
// Of each source, its share of search::kPriorsMax: the best that COMPLETED, and of the newest
// INFEASIBLE ones at most a tenth as many. In the order of the sources and of their trials.
//
// Threads:     thread-compatible; on the engine's owner.
// Determinism: a function of the records.
#ifndef CAVIAR_COORDINATOR_ENGINE_WARM_START_H_
#define CAVIAR_COORDINATOR_ENGINE_WARM_START_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Fills in warm_start_sources of a job that is being submitted, and warns of sources of no use.
// kNotFound or kFailedPrecondition with the path of the one that is missing, or has another
// objective.
absl::Status ResolveWarmStart(const EngineState& state, v1::JobRecord& record);

// kFailedPrecondition if one of the jobs that it took from is gone. O(trials of the sources).
absl::StatusOr<std::vector<Prior>> PriorsOf(const EngineState& state, const Job& job);

// The job that has not ended and learns from this one; null if there is none.
const Job* LearnerFrom(const EngineState& state, uint32_t source);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_WARM_START_H_
