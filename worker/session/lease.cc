#include "worker/session/lease.h"

namespace caviar::session {

void Lease::Start(absl::Time sent, absl::Time now, absl::Duration interval, absl::Duration lease) {
  interval_ = interval > absl::ZeroDuration() ? interval : kDefaultInterval;
  lease_ = lease > absl::ZeroDuration() ? lease : kDefaultLease;
  confirmed_ = sent;
  next_heartbeat_ = now + interval_;
  last_number_ = 0;
  unanswered_.clear();
}

std::optional<uint32_t> Lease::TakeHeartbeat(absl::Time now) {
  if (now < next_heartbeat_) return std::nullopt;
  next_heartbeat_ = now + interval_;
  unanswered_[++last_number_] = now;
  return last_number_;
}

void Lease::Acknowledge(uint32_t number) {
  const auto found = unanswered_.find(number);
  if (found == unanswered_.end()) return;
  confirmed_ = std::max(confirmed_, found->second);
  unanswered_.erase(unanswered_.begin(), std::next(found));
}

}  // namespace caviar::session
