// The points of new trials. Most samplers answer within the step. One that thinks long is asked on
// another thread (Think), ahead of time: while trials run, it thinks of the next one's point, from
// a snapshot of what the job knew, and thinks again whenever there is news. So a worker that
// becomes free gets the newest point there is and never waits for a better one.
//
// Trial k's point knows all trials before k, and of their results what had come by the sequence
// that the trial keeps as sampled_at_sequence. A point that was thought of for a number that
// another trial has taken meanwhile is dropped.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_POINT_AHEAD_H_
#define CAVIAR_COORDINATOR_ENGINE_POINT_AHEAD_H_

#include <cstdint>
#include <optional>

#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/event.h"
#include "coordinator/search/sampler.h"

namespace caviar::engine {

// Whether TakePoint() answers now. Requires: the job has not ended.
bool HasPoint(const Job& job);

struct SampledPoint {
  search::Proposal proposal;
  // The job's sequence that the sampler saw.
  uint64_t at_sequence = 0;
};

// The next trial's; nullopt, with the reason kept in the job, if the sampler has no further one.
// Requires: HasPoint().
std::optional<SampledPoint> TakePoint(EngineState& state, Job& job);

// At a step's end: has the next trial's point thought of if that takes long, and if what is there
// is missing or older than the newest result.
void OrderPoint(EngineState& state, Job& job);

void OnPointProposed(EngineState& state, const PointProposed& proposed);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_POINT_AHEAD_H_
