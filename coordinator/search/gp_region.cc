#include "coordinator/search/gp_region.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "coordinator/search/gp_search.h"
#include "coordinator/search/gp_targets.h"
#include "coordinator/search/zoom_box.h"
#include "coordinator/search/zoom_schedule.h"

namespace caviar::search {
namespace {

constexpr size_t kFittedRowsMax = 100;
constexpr size_t kSeenRowsMax = 1000;
// zoom's defaults.
constexpr int kRounds = 5;
constexpr double kKeep = 0.3;
// The share of points that are looked for everywhere. Where the best numbers of one choice lie says
// little of another's, which may be better by its own: a box around the best hides that.
constexpr double kExplore = 0.1;
constexpr double kExploreWithChoices = 0.3;
// A box is learnt about from what lies in it and this many times its width around it, on each side,
// if that is enough: two trials a parameter, and no fewer than make sense of the least model.
constexpr double kAround = 1.0;
constexpr size_t kRowsAParameter = 2;
constexpr size_t kRowsMin = 8;

using IsLearntFrom = std::function<bool(size_t row)>;

GpData DataOf(const SampleRequest& request, size_t rows_max, const IsLearntFrom& is_learnt_from) {
  const Observations& observations = *request.observations;
  const std::vector<size_t> rows = BestAndNewest(observations, rows_max, is_learnt_from);
  GpData data;
  data.targets = GpTargets(observations, rows);
  for (const size_t row : rows) {
    data.features.push_back(FeaturesOf(request.space, observations, row));
  }
  return data;
}

bool HasChoices(const Space& space) {
  for (int i = 0; i < space.size(); ++i) {
    if (space.parameter(i).kind() == Parameter::Kind::kChoice) return true;
  }
  return false;
}

std::vector<std::vector<std::optional<double>>> BestPlaces(const Observations& observations,
                                                           size_t count) {
  std::vector<std::vector<std::optional<double>>> best;
  count = std::min(count, observations.valued());
  for (const Observations::Ranked& ranked : observations.ranking()) {
    if (best.size() == count) break;
    std::vector<std::optional<double>>& places = best.emplace_back();
    for (int i = 0; i < observations.parameters(); ++i) {
      const double place = observations.column(i)[ranked.row];
      places.push_back(std::isnan(place) ? std::nullopt : std::optional(place));
    }
  }
  return best;
}

bool IsAround(const Observations& observations, size_t row, const Box& box) {
  for (int i = 0; i < observations.parameters(); ++i) {
    const double place = observations.column(i)[row];
    const double margin = kAround * (box.upper[i] - box.lower[i]);
    // NaN, where the parameter is inactive, is no reason.
    if (place < box.lower[i] - margin || place > box.upper[i] + margin) return false;
  }
  return true;
}

}  // namespace

GpRegion WholeRegion(const SampleRequest& request) {
  const IsLearntFrom all = [](size_t) { return true; };
  return {.box = WholeBox(request.space),
          .fitted = DataOf(request, kFittedRowsMax, all),
          .seen = DataOf(request, kSeenRowsMax, all)};
}

std::optional<GpRegion> CloseRegion(const SampleRequest& request) {
  const Observations& observations = *request.observations;
  const auto schedule = ZoomSchedule::Of(request, kRounds, observations.priors() > 0);
  const int round = schedule.RoundOf(request);
  const double share = HasChoices(request.space) ? kExploreWithChoices : kExplore;
  if (ExploresWhole(request, share) || schedule.IsWhole(round)) return std::nullopt;
  const auto best = BestPlaces(observations, schedule.Kept(kKeep));
  if (best.size() < ZoomSchedule::kBestMin) return std::nullopt;

  const ZoomBox zoomed(request.space, best, schedule.Width(round));
  Box box;
  std::vector<double> spans;
  for (int i = 0; i < request.space.size(); ++i) {
    box.lower.push_back(zoomed.lo(i));
    box.upper.push_back(zoomed.hi(i));
    spans.push_back(zoomed.hi(i) - zoomed.lo(i));
  }
  const IsLearntFrom is_around = [&](size_t row) { return IsAround(observations, row, box); };
  GpRegion region{.box = box,
                  .fitted = DataOf(request, kFittedRowsMax, is_around),
                  .seen = DataOf(request, kSeenRowsMax, is_around)};
  const size_t enough = std::max(kRowsMin, kRowsAParameter * box.lower.size());
  if (region.seen.targets.size() < enough) {
    region = WholeRegion(request);
    region.box = box;
    return region;
  }
  region.fitted.spans = spans;
  region.seen.spans = spans;
  return region;
}

}  // namespace caviar::search
