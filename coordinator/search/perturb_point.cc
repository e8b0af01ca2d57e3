#include "coordinator/search/perturb_point.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "common/hyperparameters/hyperparameters.h"
#include "common/random/rng.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;

constexpr double kUp = 1.2;
constexpr double kDown = 0.8;
// Changes that constraints do not allow are drawn again this often; then nothing changes.
constexpr uint64_t kPerturbRedraws = 100;

// By index. What others depend on may change only if all of them may.
std::vector<bool> MayChange(const Space& space) {
  std::vector<bool> may(static_cast<size_t>(space.size()));
  for (int i = 0; i < space.size(); ++i) {
    const std::optional<Hyperparameter> known = FindHyperparameter(space.parameter(i).name());
    may[i] = known.has_value() && known->range.adjustable();
  }
  const std::vector<int>& order = space.topological_order();
  for (auto child = order.rbegin(); child != order.rend(); ++child) {
    for (const Space::Condition& condition : space.conditions(*child)) {
      if (!may[*child]) may[condition.parent] = false;
    }
  }
  return may;
}

Value Changed(const Parameter& parameter, const Value& value, Rng& rng) {
  const bool is_up = rng.UniformInt(2) == 0;
  const double factor = is_up ? kUp : kDown;
  Value changed = value;
  switch (parameter.kind()) {
    case Parameter::Kind::kReal:
    case Parameter::Kind::kInteger: {
      const double x = value.number_value();
      double y = parameter.domain().has_log_complement() ? 1 - (1 - x) * factor : x * factor;
      if (parameter.kind() == Parameter::Kind::kInteger) y = std::round(y);
      const double low = parameter.AtUnit(0).number_value();
      const double high = parameter.AtUnit(1).number_value();
      changed.set_number_value(std::clamp(y, low, high));
      return changed;
    }
    case Parameter::Kind::kOrdered: {
      const std::vector<Value>& values = parameter.values();
      for (size_t i = 0; i < values.size(); ++i) {
        if (!SameValue(values[i], value)) continue;
        if (is_up) return values[std::min(i + 1, values.size() - 1)];
        return values[i == 0 ? 0 : i - 1];
      }
      return changed;
    }
    case Parameter::Kind::kChoice:
      return changed;
  }
  return changed;
}

Point Perturbed(const Space& space, const Point& point, const std::vector<bool>& may_change,
                double resample, uint64_t seed) {
  Point result;
  for (const int index : space.topological_order()) {
    if (!space.IsActive(index, result)) continue;
    const Parameter& parameter = space.parameter(index);
    const auto known = point.fields().find(parameter.name());
    Value& value = (*result.mutable_fields())[parameter.name()];
    if (!may_change[index] && known != point.fields().end()) {
      value = known->second;
      continue;
    }
    Rng rng(DeriveSeed(seed, parameter.name()));
    const bool is_drawn = rng.Uniform() < resample || known == point.fields().end();
    value = is_drawn ? parameter.AtUnit(rng.Uniform()) : Changed(parameter, known->second, rng);
  }
  return result;
}

}  // namespace

Point PerturbPoint(const Space& space, const Point& point, double resample, uint64_t seed) {
  const std::vector<bool> may_change = MayChange(space);
  Point result = Perturbed(space, point, may_change, resample, seed);
  for (uint64_t again = 1; again <= kPerturbRedraws && !space.Allows(result); ++again) {
    result = Perturbed(space, point, may_change, resample, DeriveSeed(seed, again));
  }
  return space.Allows(result) ? result : point;
}

}  // namespace caviar::search
