// What came of a job that trains points of another one again, beside what it repeats.
//
// Only completed trials count. Points are compared by their means, the first two also seed by seed
// (the paired t-test), which takes out what a seed does to all points alike.
//
// Threads: thread-compatible; call on the thread that owns the engine. O(trials + sources^2).
// Errors:  kNotFound as for all queries; kFailedPrecondition for a job without origin.
#ifndef CAVIAR_COORDINATOR_ENGINE_RERUN_ANSWER_H_
#define CAVIAR_COORDINATOR_ENGINE_RERUN_ANSWER_H_

#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/engine/engine.h"

namespace caviar::engine {

absl::StatusOr<v1::Rerun> GetRerun(const EngineState& state, const v1::GetRerunRequest& request);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_RERUN_ANSWER_H_
