// How long to wait before the next try to connect: exponential with full jitter, so that a thousand
// workers that lost their coordinator together do not come back together.
//
// Threads:     thread-compatible.
// Determinism: by the Rng passed in.
#ifndef CAVIAR_WORKER_SESSION_BACKOFF_H_
#define CAVIAR_WORKER_SESSION_BACKOFF_H_

#include "absl/time/time.h"
#include "common/random/rng.h"

namespace caviar::session {

class Backoff {
 public:
  // First bound; doubles with each failure.
  static constexpr absl::Duration kBase = absl::Milliseconds(500);
  // A coordinator that restarts is back within seconds: stay close to it at first …
  static constexpr absl::Duration kEarlyCap = absl::Seconds(15);
  static constexpr absl::Duration kEarly = absl::Minutes(2);
  // … then spare a network that has other troubles.
  static constexpr absl::Duration kCap = absl::Seconds(30);
  // Connected this long means that the trouble is over.
  static constexpr absl::Duration kHealthy = absl::Seconds(60);

  // Uniform in [0, bound), the bound growing with each call since the last Reset().
  absl::Duration NextDelay(absl::Time now, Rng& rng);
  void Reset();

 private:
  int failures_ = 0;
  absl::Time outage_since_ = absl::InfiniteFuture();
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_BACKOFF_H_
