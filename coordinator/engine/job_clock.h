// A job's running time, which budget.wall_time bounds: from the first trial's start, without the
// time it was paused or ended.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_JOB_CLOCK_H_
#define CAVIAR_COORDINATOR_ENGINE_JOB_CLOCK_H_

#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

inline constexpr char kTotalEpochsReason[] = "total_epochs reached";
inline constexpr char kLastGrantReason[] = "total_epochs is used up";

// Nothing changes if it runs.
void StartClock(EngineState& state, Job& job);
// Goes on if it ran before: a job that was never started waits for its first trial.
void ContinueClock(EngineState& state, Job& job);
// Nothing changes if it stands.
void StopClock(EngineState& state, Job& job);
// Sets the deadline of a job that was restored.
void ArmWallTime(EngineState& state, const Job& job);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_JOB_CLOCK_H_
