// What a step of the engine asks for. The driver commits all `writes` first and releases `sends`,
// in order, only after that.
#ifndef CAVIAR_COORDINATOR_ENGINE_EFFECTS_H_
#define CAVIAR_COORDINATOR_ENGINE_EFFECTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/search_service.pb.h"
#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/event.h"
#include "coordinator/engine/write.h"

namespace caviar::engine {

// The one answer to a UserAsked or DatasetImported; monostate answers a deletion.
struct Reply {
  RequestId request{};
  absl::StatusOr<
      std::variant<std::monostate, v1::Job, v1::Dataset, v1::AddTrialsResponse, v1::Trial>>
      answer;
};

struct TellWorker {
  SessionId session{};
  v1::CoordinatorMessage message;
};

// Ends a session: superseded by a newer one of the same worker, or it broke the protocol.
struct CloseSession {
  SessionId session{};
  absl::Status reason;
};

// There is something new for those who watch this job (ChangesAfter in queries.h).
struct JobChanged {
  uint32_t job = 0;
  // Nothing more is to come: they need not wait for it to be worth their while.
  bool has_ended = false;
};

// No record refers to these bytes any more.
struct ReleaseArtifact {
  std::string digest;
};

// A worker was told that something is durable, and it is not on record: the store is behind what it
// once held, or the worker served another coordinator. A warning, not the end: nothing that the
// worker says of it counts, so what is there stays whole, and a worker that was pointed at the
// wrong address must not stop a healthy coordinator.
struct StoreIsBehind {
  std::string evidence;  // one sentence for the log
};

// Work that would hold up a step: call it on another thread and step the event that it returns, in
// this process or never. It is a pure function of a snapshot; a job has a few under way at most.
struct Think {
  std::function<Event()> work;
};

using Send = std::variant<Reply, TellWorker, CloseSession, JobChanged, ReleaseArtifact,
                          StoreIsBehind, Think>;

struct Effects {
  std::vector<Write> writes;
  std::vector<Send> sends;
  // When Step wants to be called again at the latest (TimePassed); infinite if never.
  absl::Time next_deadline = absl::InfiniteFuture();
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_EFFECTS_H_
