#include "coordinator/search/terminator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/gp_fit.h"
#include "coordinator/search/gp_model.h"
#include "coordinator/search/gp_search.h"
#include "coordinator/search/gp_targets.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

constexpr size_t kRowsMax = 200;
// The parameters are fitted to the best and newest so many, as gp does.
constexpr size_t kFittedMax = 100;
constexpr size_t kValuedMin = 5;
// Places where the function may be lowest, beside the one that is searched for.
constexpr uint32_t kPlaces = 512;
// The bounds hold together with a probability of 0.9 (Srinivas et al. 2010, theorem 1), a fifth as
// wide as proven, as they are used in practice (section 6.1 there).
constexpr double kDelta = 0.1;
constexpr double kWidth = 5;

double DeviationsOf(int parameters, size_t trials) {
  const double count = static_cast<double>(trials);
  const double squared = 2 * std::log(std::max(parameters, 1) * count * count * std::numbers::pi *
                                      std::numbers::pi / (6 * kDelta));
  return std::sqrt(squared / kWidth);
}

GpData DataOf(const Space& space, const Observations& observations,
              const std::vector<size_t>& rows) {
  GpData data;
  data.targets = GpTargets(observations, rows);
  for (const size_t row : rows) data.features.push_back(FeaturesOf(space, observations, row));
  return data;
}

// How much of the objective one unit of the targets is, near the best: the targets are a line there
// (gp_targets.h). 0 if nothing differs.
double LossPerTarget(const Observations& observations, const std::vector<size_t>& rows,
                     const std::vector<double>& targets) {
  size_t best = 0, next = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (targets[i] < targets[best]) best = i;
  }
  bool has_next = false;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (targets[i] <= targets[best]) continue;
    if (!has_next || targets[i] < targets[next]) next = i;
    has_next = true;
  }
  if (!has_next) return 0;
  const double losses = observations.row(rows[next]).loss - observations.row(rows[best]).loss;
  return std::isfinite(losses) ? std::max(losses, 0.0) / (targets[next] - targets[best]) : 0;
}

double LowestBound(const Space& space, const Observations& observations, const GpModel& model,
                   uint64_t seed, double deviations) {
  std::vector<std::vector<double>> places;
  for (uint32_t k = 1; k <= kPlaces; ++k) {
    const Point point = space.AtUnit(SobolUnit(space, seed, k));
    if (space.Allows(point)) places.push_back(FeaturesOf(space, space.UnitOf(point)));
  }
  const std::optional<Point> promising =
      MostPromising({.space = space,
                     .observations = observations,
                     .model = model,
                     .acquisition = {.kind = GpAcquisition::Kind::kUcb},
                     .within = WholeBox(space),
                     .seed = seed});
  if (promising.has_value()) places.push_back(FeaturesOf(space, space.UnitOf(*promising)));
  double lowest = std::numeric_limits<double>::infinity();
  for (const GpModel::Prediction& at : model.At(places)) {
    lowest = std::min(lowest, at.mean - deviations * at.deviation);
  }
  return lowest;
}

}  // namespace

Remaining AssessRemaining(const Space& space, const Observations& observations, uint64_t seed,
                          double noise_floor) {
  const std::vector<size_t> rows = BestAndNewest(observations, kRowsMax);
  if (observations.valued() < kValuedMin) {
    return {.improvement = std::numeric_limits<double>::infinity(), .noise = noise_floor};
  }
  const GpKernel kernel(UnorderedFeatures(space));
  const GpParameters parameters =
      FitGp(kernel, DataOf(space, observations, BestAndNewest(observations, kFittedMax)));
  GpData data = DataOf(space, observations, rows);
  const double per_target = LossPerTarget(observations, rows, data.targets);
  const std::vector<std::vector<double>> tried = data.features;
  const GpModel model(kernel, parameters, std::move(data));

  const double deviations = DeviationsOf(space.size(), rows.size());
  double surely = std::numeric_limits<double>::infinity();
  for (const GpModel::Prediction& at : model.At(tried)) {
    surely = std::min(surely, at.mean + deviations * at.deviation);
  }
  const double lowest =
      LowestBound(space, observations, model, DeriveSeed(seed, "terminator"), deviations);
  return {.improvement = std::max(surely - lowest, 0.0) * per_target,
          .noise = std::max(noise_floor, std::sqrt(parameters.noise) * per_target)};
}

}  // namespace caviar::search
