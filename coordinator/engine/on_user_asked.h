// What users ask for: jobs submitted, paused, resumed, extended, cancelled and deleted; trials
// added and adjusted; data sets registered and deleted. Each is answered once, after what it
// changed is durable.
//
// Threads: thread-compatible; on the engine's owner.
// Errors:  go into the Reply.
#ifndef CAVIAR_COORDINATOR_ENGINE_ON_USER_ASKED_H_
#define CAVIAR_COORDINATOR_ENGINE_ON_USER_ASKED_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/event.h"

namespace caviar::engine {

void OnUserAsked(EngineState& state, const UserAsked& asked);
void OnDatasetImported(EngineState& state, const DatasetImported& imported);

// The new job, or the one that an earlier request with the same id made.
absl::StatusOr<Job*> SubmitJob(EngineState& state, const v1::SubmitJobRequest& request,
                               uint32_t random_seed);

// New trials with these points; what a retry gets is what its first request made.
// kFailedPrecondition if the job has ended or its budget has no room for all of them,
// kInvalidArgument with one line a problem, kAlreadyExists for another request of the same id.
// Nothing is changed unless all goes well.
absl::StatusOr<v1::Addition> AddTrials(EngineState& state, Job& job,
                                       const v1::AddTrialsRequest& request);

// kFailedPrecondition while a job that has not ended uses it.
absl::Status DeleteDataset(EngineState& state, absl::string_view name);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ON_USER_ASKED_H_
