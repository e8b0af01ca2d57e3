// What can happen to the engine. Everything that it decides is a function of its state, a time and
// one of these. Messages of users and workers come as they were on the wire.
#ifndef CAVIAR_COORDINATOR_ENGINE_EVENT_H_
#define CAVIAR_COORDINATOR_ENGINE_EVENT_H_

#include <cstdint>
#include <variant>

#include "absl/time/time.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/search_service.pb.h"
#include "caviar/v1/worker_service.pb.h"

namespace caviar::engine {

// A user's call that waits for Reply; the service makes them, each used once in a process.
enum class RequestId : uint64_t {};
// A worker's stream; the service makes them, never reused in a process and never stored.
enum class SessionId : uint64_t {};

// A user asks for a change.
struct UserAsked {
  RequestId request{};
  // Drawn at the edge: the seed of a job whose spec names none.
  uint32_t random_seed = 0;
  std::variant<v1::SubmitJobRequest, v1::PauseJobRequest, v1::ResumeJobRequest,
               v1::ExtendJobRequest, v1::CancelJobRequest, v1::DeleteJobRequest,
               v1::DeleteDatasetRequest, v1::AdjustTrialRequest>
      ask;
};

// An upload was imported and its artifact is durable.
struct DatasetImported {
  RequestId request{};
  v1::Dataset dataset;           // complete but for created_at
  bool reuse_identical = false;  // as in CreateDatasetRequest.Start
};

// The first message of a session is Register.
struct WorkerSaid {
  SessionId session{};
  v1::WorkerMessage message;
};

struct SessionClosed {
  SessionId session{};
};

// The driver itself stood still for this long: leases are extended by it, because heartbeats could
// not be heard meanwhile. Stepped at the time of the step before, so that nothing expires first.
struct DriverStalled {
  absl::Duration gap;
};

// Nothing happened, but next_deadline has come.
struct TimePassed {};

using Event =
    std::variant<UserAsked, DatasetImported, WorkerSaid, SessionClosed, DriverStalled, TimePassed>;

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_EVENT_H_
