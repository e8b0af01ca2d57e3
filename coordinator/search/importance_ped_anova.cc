#include "coordinator/search/importance_ped_anova.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/status/status_macros.h"
#include "coordinator/search/grid_density.h"

namespace caviar::search {
namespace {

constexpr size_t kCellsMax = 50;
// The best 1 / kTopShare of the trials, at least kTopMin.
constexpr size_t kTopShare = 10;
constexpr size_t kTopMin = 2;
// Among fewer, a density says nothing.
constexpr uint64_t kActiveMin = 2;
// Keeps the quotient of two densities finite where both are nearly 0.
constexpr double kDensityMin = 1e-12;

// How many trials, from the first, are the best. Those as good as the last of them belong to them,
// unless that makes more than half of all: then the line is drawn before them.
size_t TopCount(const std::vector<double>& losses) {
  const size_t wanted = std::max(kTopMin, (losses.size() + kTopShare - 1) / kTopShare);
  const double last = losses[wanted - 1];
  const size_t with_ties = std::upper_bound(losses.begin(), losses.end(), last) - losses.begin();
  const size_t without_ties = std::lower_bound(losses.begin(), losses.end(), last) - losses.begin();
  return with_ties > losses.size() / 2 && without_ties > 0 ? without_ties : with_ties;
}

// The cells into which a parameter's values fall.
class PlaceGrid {
 public:
  explicit PlaceGrid(const Parameter& parameter) : parameter_(parameter) {
    const bool is_choice = parameter.kind() == Parameter::Kind::kChoice;
    const uint64_t values = parameter.cardinality().value_or(kCellsMax);
    if (is_choice) {
      cells_ = values;
    } else if (parameter.domain().kind_case() == v1::Domain::kIntLog) {
      // One cell a doubling: more would stay empty at the low end.
      cells_ = std::min<uint64_t>(std::bit_width(values - 1) + 1, kCellsMax);
    } else {
      cells_ = std::min<uint64_t>(values, kCellsMax);
    }
    if (is_choice) return;
    first_ = *parameter.UnitOf(parameter.AtUnit(0));
    last_ = *parameter.UnitOf(parameter.AtUnit(1));
  }

  size_t cells() const { return cells_; }

  // The nearest of the cells' middles, which are spread evenly from the first value to the last.
  // Requires: more than one value.
  size_t CellOf(double place) const {
    if (parameter_.kind() == Parameter::Kind::kChoice) return parameter_.IndexAt(place);
    const double steps = static_cast<double>(cells_ - 1);
    const double at = (place - first_) / (last_ - first_) * steps;
    return static_cast<size_t>(std::clamp(std::ceil(at - 0.5), 0.0, steps));
  }

 private:
  const Parameter& parameter_;
  size_t cells_ = 0;
  double first_ = 0;
  double last_ = 1;
};

std::vector<double> DensityOf(const Parameter& parameter, const std::vector<uint64_t>& counts) {
  return parameter.kind() == Parameter::Kind::kChoice ? ChoiceDensity(counts)
                                                      : OrderedDensity(counts);
}

double PearsonDivergence(const std::vector<double>& top, const std::vector<double>& all) {
  double divergence = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const double base = all[i] + kDensityMin;
    const double ratio = (top[i] + kDensityMin) / base;
    divergence += base * (ratio - 1) * (ratio - 1);
  }
  return divergence;
}

// `places` by trial, the best ones first.
double EffectOf(const Parameter& parameter, const std::vector<double>& places, size_t top_count) {
  if (parameter.cardinality() == 1) return 0;
  const PlaceGrid grid(parameter);
  std::vector<uint64_t> top(grid.cells(), 0), all(grid.cells(), 0);
  uint64_t top_active = 0, all_active = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    if (std::isnan(places[i])) continue;
    const size_t cell = grid.CellOf(places[i]);
    ++all[cell];
    ++all_active;
    if (i >= top_count) continue;
    ++top[cell];
    ++top_active;
  }
  if (top_active == 0 || all_active < kActiveMin) return 0;
  const double top_share = static_cast<double>(top_active) / static_cast<double>(top_count);
  const double all_share = static_cast<double>(all_active) / static_cast<double>(places.size());
  return top_share * top_share / all_share *
         PearsonDivergence(DensityOf(parameter, top), DensityOf(parameter, all));
}

}  // namespace

absl::StatusOr<Importance> PedAnovaImportance(const Space& space,
                                              const Observations& observations) {
  CAVIAR_ASSIGN_OR_RETURN(const Evaluations evaluations, EvaluationsOf(space, observations));
  const size_t top_count = TopCount(evaluations.losses);
  std::vector<double> effects;
  effects.reserve(space.size());
  for (int i = 0; i < space.size(); ++i) {
    effects.push_back(EffectOf(space.parameter(i), evaluations.places[i], top_count));
  }
  return ToImportance(space, evaluations, effects);
}

}  // namespace caviar::search
