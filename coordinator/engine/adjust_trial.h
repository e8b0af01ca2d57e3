// A person's hand on a trial under way: other values, a pause, a rollback.
//
// What a running trial is to change waits as next_adjustment while its worker is told to checkpoint
// and hand it back, as for a pause; it is taken up then (trial_life), or when the worker is lost,
// and the trial goes on where it was. A rollback takes the trial from its worker at once. Where the
// values change is on record as an epoch, and each attempt is told of the changes ahead of it: a
// retry trains every epoch with the values that it was trained with before.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_ADJUST_TRIAL_H_
#define CAVIAR_COORDINATOR_ENGINE_ADJUST_TRIAL_H_

#include "absl/status/status.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Asked again it changes nothing more. kInvalidArgument naming every value that cannot be, and for
// an epoch that the trial has not come to; kFailedPrecondition for a trial that has ended or is
// ending, and where its scheduler forbids it; kResourceExhausted with the bound.
absl::Status AdjustTrial(EngineState& state, Job& job, Trial& trial,
                         const v1::AdjustTrialRequest& request);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ADJUST_TRIAL_H_
