#include "worker/runtime/attempt_control.h"

#include <algorithm>

namespace caviar::runtime {

AttemptControl::AttemptControl(uint32_t epoch_limit, bool resumes)
    : resumes_(resumes), epoch_limit_(epoch_limit) {}

void AttemptControl::SetEpochLimit(uint32_t epoch_limit) {
  MutexLock lock(&mutex_);
  epoch_limit_ = std::max(epoch_limit_, epoch_limit);
  told_.NotifyAll();
}

void AttemptControl::Stop(StopMode mode) {
  {
    MutexLock lock(&mutex_);
    if (mode <= stop_) return;
    stop_ = mode;
    told_.NotifyAll();
  }
  // Outside the lock: these run whoever waits for the tokens.
  if (mode != StopMode::kKeepModel || !resumes_) preparation_.request_stop();
  if (mode >= StopMode::kCheckpointNow) epoch_.request_stop();
}

StopMode AttemptControl::stop_mode() const {
  MutexLock lock(&mutex_);
  return stop_;
}

bool AttemptControl::WaitUntilAllowed(uint32_t epoch) const {
  MutexLock lock(&mutex_);
  while (stop_ == StopMode::kNone && epoch >= epoch_limit_) told_.Wait(&mutex_);
  return stop_ == StopMode::kNone;
}

}  // namespace caviar::runtime
