// A worker says that it cannot run a trial, though another may (HandBack.reason): its disk is full,
// its memory is too small, its copy of the data set is bad.
//
// Either may be at fault. A trial that several workers cannot run, or that is the only one that a
// worker cannot run, is counted as if its worker had died of it. A worker that cannot run one trial
// after another is taken to be unfit: that is not counted against the trials while a fit worker is
// there to take them. Without one it is, so that a job ends even where nothing can run.
//
// Who refused what is not on record, only the deaths that it counted as: a restart of the
// coordinator asks every worker once more, which costs a hand-back each where nothing was mended
// meanwhile.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_UNFIT_WORKER_H_
#define CAVIAR_COORDINATOR_ENGINE_UNFIT_WORKER_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// The worker gets nothing new for this long.
void PauseWorker(EngineState& state, Worker& worker, absl::Duration pause);

// RUNNING -> PENDING or PAUSED, or FAILED at last: the worker gave the trial back because of `why`.
// The worker is paused, for longer each time until it trains an epoch of anything.
void ReturnFromUnfit(EngineState& state, Worker& worker, Job& job, Trial& trial,
                     absl::string_view why);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_UNFIT_WORKER_H_
