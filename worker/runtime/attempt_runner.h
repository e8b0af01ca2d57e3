// Runs attempts, and tells somebody what comes of them.
#ifndef CAVIAR_WORKER_RUNTIME_ATTEMPT_RUNNER_H_
#define CAVIAR_WORKER_RUNTIME_ATTEMPT_RUNNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "caviar/v1/worker_service.pb.h"
#include "worker/runtime/attempt.h"
#include "worker/runtime/attempt_control.h"

namespace caviar::runtime {

// Who hears of attempts while they run.
//
// Threads: thread-safe; called from the slots' threads. Calls may block for back-pressure.
class AttemptObserver {
 public:
  virtual ~AttemptObserver() = default;
  // One epoch was trained: values[i] is that of metrics[i], NaN if it has none.
  virtual void OnEpoch(const AttemptKey& key, uint32_t epoch, std::vector<std::string> metrics,
                       std::vector<double> values) = 0;
  virtual void OnCheckpoint(const AttemptKey& key, uint32_t epoch, Artifact checkpoint) = 0;
  // No epoch will follow, though it takes the attempt's end a while yet.
  virtual void OnTrained(const AttemptKey& key) = 0;
  // Once for each attempt, last.
  virtual void OnEnd(const AttemptKey& key, AttemptResult result) = 0;
};

// How attempts of one kind are run: by the built-in trainer, or some day by an external command.
//
// Threads: thread-safe; every slot calls Run from its own thread.
class AttemptRunner {
 public:
  virtual ~AttemptRunner() = default;
  // Runs the attempt to its end on the calling thread and says how it ended. Trains from
  // assign.from_epoch, never past the control's limit, and obeys its stops. Tells `observer` of
  // epochs and checkpoints and that the last one was trained, not of the end.
  virtual AttemptResult Run(const v1::Assign& assign, AttemptControl& control,
                            AttemptObserver& observer) = 0;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_ATTEMPT_RUNNER_H_
