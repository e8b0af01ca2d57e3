#include "coordinator/driver/inbox.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace caviar::driver {
namespace {

size_t ShareOf(Inbox::Sender sender, size_t all) {
  switch (sender) {
    case Inbox::Sender::kUser:
      return all - all / 4;
    case Inbox::Sender::kWorker:
      return all;
    case Inbox::Sender::kEngine:
      break;
  }
  return std::numeric_limits<size_t>::max();
}

}  // namespace

absl::Status Inbox::Put(DriverCore::Input input, Sender sender, size_t bytes) {
  bool was_empty = false;
  {
    MutexLock lock(&mutex_);
    if (is_closed_) return absl::UnavailableError("the coordinator is shutting down");
    was_empty = inputs_.empty();
    if (inputs_.size() >= ShareOf(sender, bounds_.inputs_max) ||
        (!was_empty && bytes_ + bytes > ShareOf(sender, bounds_.bytes_max))) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the coordinator is overloaded: ", inputs_.size(), " requests of ", bytes_,
                       " bytes wait; try again later"));
    }
    bytes_ += bytes;
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
  bytes_ = 0;
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
