// What all ways of starting a job share: by submission, by running points of another job again.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_NEW_JOB_H_
#define CAVIAR_COORDINATOR_ENGINE_NEW_JOB_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/engine/engine_state.h"
#include "google/protobuf/message.h"

namespace caviar::engine {

// SHA-256 of the message, to tell a retry from another request with the same id.
std::string RequestDigest(const google::protobuf::Message& request);

// The job that an earlier request with this id and digest made; null if there was none.
// kInvalidArgument for an id that is too long, kAlreadyExists for one of another request.
absl::StatusOr<Job*> FindRequested(EngineState& state, const std::string& request_id,
                                   const std::string& digest);

// kResourceExhausted when as many jobs run as there may.
absl::Status CheckRoomForJob(const EngineState& state);

// kNotFound naming those that there are.
absl::StatusOr<const v1::Dataset*> FindDataset(const EngineState& state, absl::string_view name);

// A running job of the record: `spec` (expanded), data set and request in it are given, the rest is
// filled in. Requires: CheckRoomForJob().
absl::StatusOr<Job*> StartJob(EngineState& state, v1::JobRecord record, const v1::Dataset& dataset);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_NEW_JOB_H_
