// What the session tells a running attempt: how far it may train, and whether to stop.
//
// Threads:   thread-safe; told by the session, read by the slot's thread.
// Ownership: shared by both; tokens stay valid after it is gone.
#ifndef CAVIAR_WORKER_RUNTIME_ATTEMPT_CONTROL_H_
#define CAVIAR_WORKER_RUNTIME_ATTEMPT_CONTROL_H_

#include <cstdint>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "common/sync/mutex.h"
#include "worker/runtime/attempt.h"

namespace caviar::runtime {

class AttemptControl {
 public:
  // `resumes`: the attempt starts from a checkpoint, so there is a model to keep before its first
  // epoch.
  AttemptControl(uint32_t epoch_limit, bool resumes);

  // A smaller limit than before changes nothing.
  void SetEpochLimit(uint32_t epoch_limit);
  // A smaller mode than before changes nothing.
  void Stop(StopMode mode);

  StopMode stop_mode() const;
  // Blocks until `epoch` epochs are fewer than the limit (true) or a stop was asked (false).
  bool WaitUntilAllowed(uint32_t epoch) const;

  // Fires when getting ready (data set, checkpoint) is not wanted any more.
  std::stop_token preparation_token() const { return preparation_.get_token(); }
  // Fires when the running epoch is to be cut short.
  std::stop_token epoch_token() const { return epoch_.get_token(); }

 private:
  const bool resumes_;
  mutable Mutex mutex_;
  mutable CondVar told_;
  uint32_t epoch_limit_ ABSL_GUARDED_BY(mutex_);
  StopMode stop_ ABSL_GUARDED_BY(mutex_) = StopMode::kNone;
  std::stop_source preparation_;
  std::stop_source epoch_;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_ATTEMPT_CONTROL_H_
