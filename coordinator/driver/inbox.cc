#include "coordinator/driver/inbox.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace caviar::driver {

absl::Status Inbox::Put(DriverCore::Input input) {
  bool was_empty = false;
  {
    Lock lock(mutex_);
    if (is_closed_) return absl::UnavailableError("the coordinator is shutting down");
    if (inputs_.size() >= inputs_max_) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the coordinator is overloaded: ", inputs_max_, " requests wait; try again later"));
    }
    was_empty = inputs_.empty();
    inputs_.push_back(std::move(input));
  }
  if (was_empty) changed_.notify_one();
  return absl::OkStatus();
}

Inbox::Taken Inbox::Take(absl::Duration wait_max) {
  const auto wait = absl::ToChronoNanoseconds(
      std::clamp(wait_max, absl::ZeroDuration(), absl::Hours(1)));  // keeps the sum in range
  const auto until = std::chrono::steady_clock::now() + wait;
  Lock lock(mutex_);
  while (inputs_.empty() && !is_closed_) {
    if (changed_.wait_until(mutex_, until) == std::cv_status::timeout) break;
  }
  Taken taken{std::move(inputs_), is_closed_};
  inputs_.clear();
  return taken;
}

void Inbox::Close() {
  {
    Lock lock(mutex_);
    is_closed_ = true;
  }
  changed_.notify_one();
}

}  // namespace caviar::driver
