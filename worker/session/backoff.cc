#include "worker/session/backoff.h"

#include <algorithm>

namespace caviar::session {

absl::Duration Backoff::NextDelay(absl::Time now, Rng& rng) {
  outage_since_ = std::min(outage_since_, now);
  const absl::Duration cap = now - outage_since_ < kEarly ? kEarlyCap : kCap;
  absl::Duration bound = kBase;
  for (int i = 0; i < failures_ && bound < cap; ++i) bound *= 2;
  ++failures_;
  return std::min(bound, cap) * rng.Uniform();
}

void Backoff::Reset() { *this = Backoff(); }

}  // namespace caviar::session
