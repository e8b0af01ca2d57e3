#include "coordinator/search/allowed_point.h"

#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

// Enough where a hundredth of the space is allowed (they fail once in 150 times), and cheap.
constexpr uint32_t kBlindDrawsMax = 500;
// A constraint over a few parameters is mended within some tens of steps, or never.
constexpr int kMendingsMax = 20;
constexpr int kMendingStepsMax = 200;
// Scramblings of the Sobol sequence that are tried, each independent of the others. (Later
// stretches of one are not: they are the first one with some of its bits turned.)
constexpr uint32_t kScramblingsMax = 16;

constexpr int kShareDrawsMax = 10'000;
constexpr int kShareAllowedMax = 200;

double TotalViolation(const Space& space, const Point& point) {
  double total = 0;
  for (const Constraint& constraint : space.constraints()) total += constraint.Violation(point);
  return total;
}

uint64_t FurtherSeed(uint64_t seed, uint32_t draw) {
  return draw == 0 ? seed : DeriveSeed(DeriveSeed(seed, "constraints"), uint64_t{draw});
}

// Mends `unit` in place. The point, if all is mended.
std::optional<Point> Mend(const Space& space, const Point& given, Rng& rng,
                          std::vector<double>& unit) {
  Point point = space.AtUnit(unit, given);
  double violation = TotalViolation(space, point);
  for (int step = 0; step < kMendingStepsMax; ++step) {
    const Constraint* const broken = space.FirstBroken(point);
    if (broken == nullptr) return point;
    // Now and then any parameter: one that decides which constraints bind may be what is in the
    // way.
    const auto& terms = broken->terms();
    const int index = rng.UniformInt(5) == 0
                          ? static_cast<int>(rng.UniformInt(static_cast<uint32_t>(space.size())))
                          : terms[rng.UniformInt(static_cast<uint32_t>(terms.size()))].parameter;
    const double before = std::exchange(unit[index], rng.Uniform());
    Point changed = space.AtUnit(unit, given);
    const double left = TotalViolation(space, changed);
    if (left > violation) {
      unit[index] = before;
      continue;
    }
    violation = left;
    point = std::move(changed);
  }
  if (violation > 0) return std::nullopt;
  return point;
}

}  // namespace

absl::StatusOr<Point> DrawAllowed(const Space& space, uint64_t seed, uint32_t trial_number,
                                  const Point& given) {
  std::vector<double> best;
  double least = std::numeric_limits<double>::infinity();
  for (uint32_t draw = 0; draw < kBlindDrawsMax; ++draw) {
    std::vector<double> unit = DrawUnit(space, FurtherSeed(seed, draw), trial_number);
    Point point = space.AtUnit(unit, given);
    const double violation = TotalViolation(space, point);
    if (violation == 0) return point;
    if (violation >= least) continue;
    least = violation;
    best = std::move(unit);
  }
  Rng rng(DeriveSeed(DeriveSeed(seed, "mend"), uint64_t{trial_number}));
  for (int mending = 0; mending < kMendingsMax; ++mending) {
    std::optional<Point> mended = Mend(space, given, rng, best);
    if (mended.has_value()) return *std::move(mended);
    for (double& place : best) place = rng.Uniform();
  }
  return absl::OutOfRangeError(absl::StrCat("no point was found that meets the constraints, in ",
                                            kBlindDrawsMax, " draws and ", kMendingsMax,
                                            " attempts to mend one; loosen them"));
}

absl::StatusOr<Point> SobolAllowed(const Space& space, uint64_t seed, uint32_t trial_number) {
  for (uint32_t scrambling = 0; scrambling < kScramblingsMax; ++scrambling) {
    Point point = space.AtUnit(SobolUnit(space, FurtherSeed(seed, scrambling), trial_number));
    if (space.Allows(point)) return point;
  }
  return DrawAllowed(space, seed, trial_number);
}

AllowedShare MeasureAllowedShare(const Space& space) {
  const uint64_t seed = DeriveSeed(uint64_t{0}, "share of the space");
  AllowedShare share;
  while (share.draws < kShareDrawsMax && share.allowed < kShareAllowedMax) {
    ++share.draws;
    const auto number = static_cast<uint32_t>(share.draws);
    if (space.Allows(space.AtUnit(DrawUnit(space, seed, number)))) ++share.allowed;
  }
  return share;
}

}  // namespace caviar::search
