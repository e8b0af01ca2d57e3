// The words that runtime and session share about one attempt: its key, how it may be stopped, what
// it yields. Plain data.
//
// Threads: values; copy them freely. Artifact bytes are shared and never change.
#ifndef CAVIAR_WORKER_RUNTIME_ATTEMPT_H_
#define CAVIAR_WORKER_RUNTIME_ATTEMPT_H_

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "caviar/v1/worker_service.pb.h"

namespace caviar::runtime {

// v1::AttemptId as an ordered value.
struct AttemptKey {
  uint32_t job = 0;
  uint32_t trial = 0;
  uint32_t attempt = 0;
  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

AttemptKey KeyOf(const v1::AttemptId& id);
v1::AttemptId IdOf(const AttemptKey& key);
// "job 1 trial 7 attempt 2", for log lines.
std::string ToString(const AttemptKey& key);

// How an attempt is asked to stop. A later, larger mode replaces a smaller one.
enum class StopMode {
  kNone = 0,
  // End the running epoch, make a checkpoint, stop: kSuspended.
  kCheckpoint = 1,
  // The same, but give the running epoch up and save where the last one ended.
  kCheckpointNow = 2,
  // Stop inside the running epoch, keep the best weights so far: kStopped with their model.
  kKeepModel = 3,
  // Stop inside the running epoch and keep nothing: kDropped.
  kDrop = 4,
};

// Bytes on their way to the coordinator.
struct Artifact {
  std::string digest;  // SHA-256 of *bytes
  std::shared_ptr<const std::string> bytes;
};

// How an attempt ended.
struct AttemptResult {
  enum class End {
    kCompleted,   // all epochs of the job, or its own patience
    kInfeasible,  // the point cannot be trained; `reason`
    kFailed,      // something else went wrong, and would anywhere; `reason`
    kCannotHere,  // this worker lacks what the attempt needs, others may not; `reason`
    kStopped,     // on kKeepModel
    kSuspended,  // on kCheckpoint and kCheckpointNow; the checkpoint, if there was a new epoch, was
                 // told before
    kDropped,    // on kDrop
  };
  End end = End::kDropped;
  std::string reason;
  // kCompleted and kStopped: best weights and their test metrics, if an epoch was ever trained.
  std::optional<Artifact> model;
  std::map<std::string, double> final_metrics;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_ATTEMPT_H_
