#include "coordinator/search/zoom_schedule.h"

#include <algorithm>
#include <cmath>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/search/history.h"

namespace caviar::search {
namespace {

// Width of the last round's box is this over the budget, within the bounds below.
constexpr double kLastWidth = 3.0;
constexpr double kLastWidthMin = 0.002;
constexpr double kLastWidthMax = 0.2;

}  // namespace

ZoomSchedule::ZoomSchedule(uint64_t budget, int rounds, bool is_warm)
    : budget_(std::max<uint64_t>(budget, 1)),
      rounds_(static_cast<uint64_t>(rounds)),
      is_warm_(is_warm) {
  CAVIAR_CHECK(rounds >= 1) << rounds;
}

ZoomSchedule ZoomSchedule::Of(const SampleRequest& request, int rounds, bool is_warm) {
  const int64_t sampled = int64_t{request.budget_trials} - request.enqueued_trials;
  return {static_cast<uint64_t>(std::max<int64_t>(sampled, 1)), rounds, is_warm};
}

int ZoomSchedule::RoundAt(uint64_t place) const {
  return static_cast<int>(std::min(place * rounds_ / budget_, rounds_ - 1));
}

uint64_t ZoomSchedule::FirstPlace(int round) const {
  return (static_cast<uint64_t>(round) * budget_ + rounds_ - 1) / rounds_;
}

double ZoomSchedule::Width(int round) const {
  const double last = std::clamp(kLastWidth / budget_, kLastWidthMin, kLastWidthMax);
  const double progress = is_warm_ ? static_cast<double>(round + 1) / rounds_
                                   : static_cast<double>(round) / (rounds_ - 1);
  return std::pow(last, progress);
}

size_t ZoomSchedule::Kept(double keep) const {
  const auto wanted = static_cast<size_t>(std::ceil(keep * budget_ / rounds_));
  return std::clamp(wanted, kBestMin, History::kBestMax);
}

bool ExploresWhole(const SampleRequest& request, double share) {
  const uint64_t seed = DeriveSeed(request.seed, "explore");
  return Rng(DeriveSeed(seed, uint64_t{request.trial_number})).Uniform() < share;
}

}  // namespace caviar::search
