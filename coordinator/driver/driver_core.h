// The coordinator's loop without its thread and clock: steps the engine over what has come in,
// commits all writes of a batch in one transaction, and only then releases sends and answers
// questions. The driver runs it in real time, the simulator in virtual time.
//
// Threads:      one owner.
// Ownership:    store and sink are borrowed and outlive it; so does what `step` refers to.
// Errors:       the first commit that fails; then nothing more may be asked of it, because the
//               engine is ahead of the store.
// Determinism:  none of its own: what it does is a function of its calls.
#ifndef CAVIAR_COORDINATOR_DRIVER_DRIVER_CORE_H_
#define CAVIAR_COORDINATOR_DRIVER_DRIVER_CORE_H_

#include <cstdint>
#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/driver/sink.h"
#include "coordinator/engine/effects.h"
#include "coordinator/engine/event.h"
#include "coordinator/store/store.h"

namespace caviar::driver {

class DriverCore {
 public:
  // Engine::Step.
  using StepFunction = std::function<engine::Effects(absl::Time now, const engine::Event& event)>;
  // Runs once everything that came in before it is durable.
  using Question = std::function<void()>;
  using Input = std::variant<engine::Event, Question>;

  struct Options {
    // Inputs at most in one commit, so that an answer never waits for an endless batch; > 0.
    int batch_inputs_max = 1000;
    // RunOnce is asked for at least this often, so that a stall is noticed whatever the engine
    // waits for. Infinite: a stall is noticed only past a deadline.
    absl::Duration tick = absl::Seconds(1);
    // Lateness up to this is not a stall: two of three tolerated heartbeats fit in it.
    absl::Duration stall_min = absl::Seconds(2);
    // Between two pieces of the erasure of deleted jobs, each some 20 ms: events wait for one piece
    // at most, and most of the time is theirs.
    absl::Duration erase_pause = absl::Milliseconds(100);
  };

  // `start` is the time at which the engine was made or restored.
  DriverCore(StepFunction step, store::Store& store, Sink& sink, absl::Time start,
             const Options& options);

  // Steps the inputs in order, then lets time pass to `now`. So what has come in is heard before a
  // deadline expires, even when both are due; and if the caller is late by more than stall_min,
  // the engine first hears DriverStalled, because heartbeats could not come in meanwhile, and what
  // else was due; the inputs are then stepped at `now`.
  // Requires: `now` is not earlier than at the call before.
  absl::Status RunOnce(absl::Time now, std::span<const Input> inputs);

  // When RunOnce wants to be called at the latest, with or without inputs.
  absl::Time wake_time() const;

 private:
  // What is released after a commit, in order.
  using Release = std::variant<engine::Send, Question>;

  void Step(absl::Time now, const engine::Event& event);
  // The time at which an input is stepped: before the next deadline.
  absl::Time TimeOfInput(absl::Time now) const;
  absl::Status CommitAndRelease();
  // Many steps of a batch change the same job; one JobChanged tells of all of them, because it
  // comes after the commit.
  void ReleaseSend(engine::Send send);
  // Erases a piece of what deleted jobs left, when it is time.
  absl::Status EraseDeleted(absl::Time now);

  StepFunction step_;
  store::Store& store_;
  Sink& sink_;
  Options options_;
  absl::Time last_run_;   // `now` of the last RunOnce
  absl::Time last_step_;  // what Step was told last; never goes backwards
  absl::Time next_deadline_;
  absl::Time erase_at_;  // infinite: nothing is left of any deleted job
  // Of the batch at hand.
  std::vector<engine::Write> writes_;
  std::vector<Release> releases_;
  absl::flat_hash_set<uint32_t> changed_jobs_;  // of these a JobChanged was released
};

}  // namespace caviar::driver

#endif  // CAVIAR_COORDINATOR_DRIVER_DRIVER_CORE_H_
