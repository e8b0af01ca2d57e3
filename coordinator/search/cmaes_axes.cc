#include "coordinator/search/cmaes_axes.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "common/status/check.h"

namespace caviar::search {
namespace {

// The steps of a finer grid are smaller than any difference that training would show.
constexpr uint64_t kStepsMax = 1000;

std::vector<double> ThresholdsOf(const Parameter& parameter, uint64_t values) {
  std::vector<double> thresholds;
  for (uint64_t k = 0; k + 1 < values; ++k) {
    if (parameter.kind() == Parameter::Kind::kOrdered) {
      thresholds.push_back(static_cast<double>(k + 1) / static_cast<double>(values));
      continue;
    }
    google::protobuf::Value between;
    between.set_number_value(parameter.AtUnit(0).number_value() + static_cast<double>(k) + 0.5);
    const std::optional<double> place = parameter.UnitOf(between);
    CAVIAR_CHECK(place.has_value()) << parameter.name();
    thresholds.push_back(*place);
  }
  return thresholds;
}

}  // namespace

double CmaesAxis::Nearest(double wanted, double place) const {
  if (thresholds.empty()) return place;
  const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), place);
  const double low = above == thresholds.begin() ? 0 : *(above - 1);
  const double high = above == thresholds.end() ? 1 : *above;
  return std::clamp(wanted, low, high);
}

CmaesAxes::CmaesAxes(const Space& space) {
  for (int i = 0; i < space.size(); ++i) {
    const Parameter& parameter = space.parameter(i);
    const std::optional<uint64_t> values = parameter.cardinality();
    if (values == 1) continue;
    if (parameter.kind() == Parameter::Kind::kChoice) {
      choices.push_back({i, static_cast<int>(*values)});
    } else if (values.has_value() && *values <= kStepsMax) {
      numeric.push_back({i, ThresholdsOf(parameter, *values)});
    } else {
      numeric.push_back({i, {}});
    }
  }
}

}  // namespace caviar::search
