#include "coordinator/driver/inbox.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace caviar::driver {

absl::Status Inbox::Put(DriverCore::Input input) {
  bool was_empty = false;
  {
    MutexLock lock(&mutex_);
    if (is_closed_) return absl::UnavailableError("the coordinator is shutting down");
    if (inputs_.size() >= inputs_max_) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the coordinator is overloaded: ", inputs_max_, " requests wait; try again later"));
    }
    was_empty = inputs_.empty();
    inputs_.push_back(std::move(input));
  }
  if (was_empty) changed_.NotifyOne();
  return absl::OkStatus();
}

Inbox::Taken Inbox::Take(absl::Duration wait_max) {
  MutexLock lock(&mutex_);
  if (inputs_.empty() && !is_closed_) changed_.WaitFor(&mutex_, wait_max);
  Taken taken{std::move(inputs_), is_closed_};
  inputs_.clear();
  return taken;
}

void Inbox::Close() {
  {
    MutexLock lock(&mutex_);
    is_closed_ = true;
  }
  changed_.NotifyOne();
}

}  // namespace caviar::driver
