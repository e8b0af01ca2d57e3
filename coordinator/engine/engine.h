// The state machine of jobs, trials, leases and workers: every rule of the coordinator, and no I/O.
//
//   Effects Step(now, event): applies one event and says what to persist, then what to send.
//
// The caller's duties, in this order: (1) commit effects.writes, all of them, in one transaction
// with those of neighbouring steps if it likes; (2) only then release effects.sends; (3) call Step
// again by next_deadline. If a commit fails, the engine is ahead of the store and must be thrown
// away: Restore from the store is the only way on.
//
// Threads:     thread-compatible; one owner (coordinator/driver).
// Determinism: no clock, randomness, I/O or threads of its own; the same state, time and event give
//              the same effects. Points and grants are functions of (job seed, trial number, the
//              job's state at a sequence stored in the trial), never of workers or attempts.
// Errors:      what users or workers get wrong goes into effects as a Reply or CloseSession.
#ifndef CAVIAR_COORDINATOR_ENGINE_ENGINE_H_
#define CAVIAR_COORDINATOR_ENGINE_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/engine/effects.h"
#include "coordinator/engine/event.h"
#include "coordinator/engine/write.h"

namespace caviar::engine {

struct EngineState;  // engine_state.h: for queries.h and the engine's own files

struct EngineOptions {
  // How often workers say that they live; > 0.
  absl::Duration heartbeat_interval = absl::Seconds(5);
  // An attempt is given to others this long after its worker's last message: three lost heartbeats
  // are tolerated; > heartbeat_interval.
  absl::Duration lease = absl::Seconds(20);
  // Added to the leases re-armed by Restore, for workers whose reconnect back-off has grown.
  absl::Duration restart_grace = absl::Seconds(15);
};

class Engine {
 public:
  explicit Engine(const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // The engine as it was when the snapshot was committed, leases re-armed in full from `now`.
  // kDataLoss when the records contradict each other.
  static absl::StatusOr<Engine> Restore(const EngineOptions& options, Snapshot snapshot,
                                        absl::Time now);

  // First expires every deadline <= now, then applies the event.
  // Requires: `now` is not earlier than at the call before.
  Effects Step(absl::Time now, const Event& event);

  // For coordinator/engine/queries.h, which turns it into answers to users.
  const EngineState& state() const { return *state_; }

 private:
  std::unique_ptr<EngineState> state_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ENGINE_H_
