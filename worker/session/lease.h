// The worker's view of its lease: when to send the next heartbeat, and from when on it must count
// as fenced because nobody answered. The lease runs from the *send* time of the newest answered
// heartbeat, which is never later than the coordinator's own start of it.
//
// Threads: thread-compatible.
#ifndef CAVIAR_WORKER_SESSION_LEASE_H_
#define CAVIAR_WORKER_SESSION_LEASE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "absl/time/time.h"

namespace caviar::session {

class Lease {
 public:
  // What a coordinator gets that states no interval or lease: three lost heartbeats are tolerated.
  static constexpr absl::Duration kDefaultInterval = absl::Seconds(5);
  static constexpr absl::Duration kDefaultLease = absl::Seconds(20);
  // Fenced this long before the lease ends (a tenth of leases below 20 s): clocks drift and
  // messages under way take time.
  static constexpr absl::Duration kMargin = absl::Seconds(2);

  // A Register sent at `sent` was answered. Zero durations take the defaults.
  void Start(absl::Time sent, absl::Time now, absl::Duration interval, absl::Duration lease);

  // The number of the heartbeat to send now, if one is due.
  std::optional<uint32_t> TakeHeartbeat(absl::Time now);
  // An unknown or repeated number changes nothing.
  void Acknowledge(uint32_t number);

  absl::Time next_heartbeat() const { return next_heartbeat_; }
  // From here on nothing may be sent for attempts. InfinitePast before the first Start.
  absl::Time fence_at() const { return confirmed_ + lease_ - std::min(kMargin, lease_ / 10); }

 private:
  absl::Duration interval_ = kDefaultInterval;
  absl::Duration lease_ = kDefaultLease;
  absl::Time confirmed_ = absl::InfinitePast();
  absl::Time next_heartbeat_ = absl::InfiniteFuture();
  uint32_t last_number_ = 0;
  std::map<uint32_t, absl::Time> unanswered_;  // at most lease / interval of them
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_LEASE_H_
