// The engine's state from its records.
//
// Threads: pure.
// Errors:  kDataLoss naming the record when records contradict each other.
#ifndef CAVIAR_COORDINATOR_ENGINE_RESTORE_H_
#define CAVIAR_COORDINATOR_ENGINE_RESTORE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/write.h"

namespace caviar::engine {

// The records are moved, never copied: of a million trials two copies would be too many. Leases are
// re-armed in full, and restart_grace longer. Requires: `state` is new.
absl::Status RestoreState(EngineState& state, Snapshot snapshot, absl::Time now);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_RESTORE_H_
