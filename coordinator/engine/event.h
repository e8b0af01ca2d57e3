// What can happen to the engine. Everything that it decides is a function of its state, a time and
// one of these. Messages of users and workers come as they were on the wire.
#ifndef CAVIAR_COORDINATOR_ENGINE_EVENT_H_
#define CAVIAR_COORDINATOR_ENGINE_EVENT_H_

#include <cstdint>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/search_service.pb.h"
#include "caviar/v1/worker_service.pb.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/terminator.h"

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
               v1::ExtendJobRequest, v1::AddTrialsRequest, v1::RerunJobRequest,
               v1::CancelJobRequest, v1::AdjustTrialRequest, v1::DeleteJobRequest,
               v1::DeleteDatasetRequest>
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

// What a Think (effects.h) about a job's next point came to.
struct PointProposed {
  uint32_t job = 0;
  // PointAhead::ticket: an older one is of no use any more.
  uint64_t ticket = 0;
  absl::StatusOr<search::Proposal> proposal;
};

// What a Think about how much more trials can bring came to.
struct RemainingAssessed {
  uint32_t job = 0;
  // Assessment::ticket.
  uint64_t ticket = 0;
  search::Remaining remaining;
};

// Nothing happened, but next_deadline has come.
struct TimePassed {};

using Event = std::variant<UserAsked, DatasetImported, WorkerSaid, SessionClosed, DriverStalled,
                           PointProposed, RemainingAssessed, TimePassed>;

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_EVENT_H_
