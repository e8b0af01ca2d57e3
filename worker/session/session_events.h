// Everything the session core can hear: from the link, from the attempts it runs, from the process.
//
// Threads: values.
#ifndef CAVIAR_WORKER_SESSION_SESSION_EVENTS_H_
#define CAVIAR_WORKER_SESSION_SESSION_EVENTS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "caviar/v1/worker_service.pb.h"
#include "worker/runtime/attempt.h"

namespace caviar::session {

// Nothing but the passing of time; also the first event.
struct Tick {};

// A message came on link number `link` (OpenLink's); older links' messages are ignored.
struct MessageReceived {
  uint64_t link = 0;
  v1::CoordinatorMessage message;
};

// The link could not be opened, or broke, or the other side ended it.
struct LinkLost {
  uint64_t link = 0;
  absl::Status why;
};

// SIGTERM: take nothing new, checkpoint, hand back, exit.
struct DrainRequested {};

// An attempt trained one epoch. Requires: epochs of an attempt grow by one, at most the limit told.
struct EpochMeasured {
  runtime::AttemptKey attempt;
  uint32_t epoch = 0;
  std::vector<std::string> metrics;
  std::vector<double> values;  // as many; NaN is absent
};

struct CheckpointMade {
  runtime::AttemptKey attempt;
  uint32_t epoch = 0;  // epochs trained in it
  runtime::Artifact artifact;
};

// The attempt trained its last epoch; its slot is free soon.
struct TrainingDone {
  runtime::AttemptKey attempt;
};

// The attempt's slot is free again. Comes exactly once for each StartAttempt, last of its events.
struct AttemptEnded {
  runtime::AttemptKey attempt;
  runtime::AttemptResult result;
};

// Answers to UploadArtifact: the bytes are durable at the coordinator, or this try failed.
struct ArtifactUploaded {
  runtime::AttemptKey attempt;
  std::string digest;
};
struct UploadFailed {
  runtime::AttemptKey attempt;
  std::string digest;
  absl::Status why;
};

using Event =
    std::variant<Tick, MessageReceived, LinkLost, DrainRequested, EpochMeasured, CheckpointMade,
                 TrainingDone, AttemptEnded, ArtifactUploaded, UploadFailed>;

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_SESSION_EVENTS_H_
