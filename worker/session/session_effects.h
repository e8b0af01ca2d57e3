// Everything the session core asks for. The shell carries effects out in order.
//
// Threads: values.
#ifndef CAVIAR_WORKER_SESSION_SESSION_EFFECTS_H_
#define CAVIAR_WORKER_SESSION_SESSION_EFFECTS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "caviar/v1/worker_service.pb.h"
#include "worker/runtime/attempt.h"

namespace caviar::session {

// Open a stream to the coordinator; what happens on it comes back with this number. At most one
// link is open at a time.
struct OpenLink {
  uint64_t link = 0;
};
// End it; nothing more is heard of it.
struct CloseLink {
  uint64_t link = 0;
};
// Send on the open link. Messages of one link are sent in order.
struct SendMessage {
  uint64_t link = 0;
  v1::WorkerMessage message;
};

// A slot is free for it: never more than SessionOptions::slots attempts run at once.
struct StartAttempt {
  v1::Assign assign;
  // Train up to this epoch, then wait for SetEpochLimit or StopAttempt.
  uint32_t epoch_limit = 0;
};
struct SetEpochLimit {
  runtime::AttemptKey attempt;
  uint32_t epoch_limit = 0;
};
// Answered by AttemptEnded, like every other end. May come after the attempt ended by itself.
struct StopAttempt {
  runtime::AttemptKey attempt;
  runtime::StopMode mode = runtime::StopMode::kNone;
};
// Put the bytes; one try, answered by ArtifactUploaded or UploadFailed.
struct UploadArtifact {
  runtime::AttemptKey attempt;
  runtime::Artifact artifact;
};

struct LogLine {
  enum class Level { kDebug, kInfo, kWarning, kError };
  Level level = Level::kInfo;
  std::string text;
};

// The drain is over, or its time is: the process ends.
struct Exit {};

using Effect = std::variant<OpenLink, CloseLink, SendMessage, StartAttempt, SetEpochLimit,
                            StopAttempt, UploadArtifact, LogLine, Exit>;

struct Effects {
  std::vector<Effect> effects;
  // Step(Tick) is wanted at this time even if nothing happens before.
  absl::Time next_deadline = absl::InfiniteFuture();
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_SESSION_EFFECTS_H_
