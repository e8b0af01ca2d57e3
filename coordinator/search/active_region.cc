#include "coordinator/search/active_region.h"

#include <algorithm>
#include <map>
#include <utility>

namespace caviar::search {
namespace {

using google::protobuf::Value;

// A value's place and share.
std::pair<double, double> AtomOf(const Parameter& parameter, const Value& value) {
  const double place = *parameter.UnitOf(value);
  if (parameter.kind() != Parameter::Kind::kInteger) {
    const double share = 1.0 / static_cast<double>(parameter.values().size());
    return {parameter.kind() == Parameter::Kind::kChoice ? parameter.IndexAt(place) : place, share};
  }
  Value low, high;
  low.set_number_value(value.number_value() - 0.5);
  high.set_number_value(value.number_value() + 0.5);
  return {place, *parameter.UnitOf(high) - *parameter.UnitOf(low)};
}

}  // namespace

std::vector<ActiveSide> ActiveRegion(const Space& space, int index) {
  // By parent: the values that all conditions met so far allow.
  std::map<int, std::vector<Value>> allowed;
  std::vector<int> waiting = {index};
  std::vector<bool> is_known(space.size(), false);
  while (!waiting.empty()) {
    const int child = waiting.back();
    waiting.pop_back();
    for (const Space::Condition& condition : space.conditions(child)) {
      const auto [entry, is_new] = allowed.emplace(condition.parent, condition.values);
      if (!is_new) {
        std::erase_if(entry->second, [&condition](const Value& value) {
          return std::none_of(condition.values.begin(), condition.values.end(),
                              [&value](const Value& other) { return SameValue(value, other); });
        });
      }
      if (is_known[condition.parent]) continue;
      is_known[condition.parent] = true;
      waiting.push_back(condition.parent);
    }
  }

  std::vector<ActiveSide> region;
  for (const auto& [parent, values] : allowed) {
    std::map<double, double> atoms;  // a value that is listed twice counts once
    for (const Value& value : values) atoms.insert(AtomOf(space.parameter(parent), value));
    ActiveSide& side = region.emplace_back();
    side.parameter = parent;
    for (const auto& [place, share] : atoms) {
      side.places.push_back(place);
      side.shares.push_back(share);
    }
  }
  return region;
}

}  // namespace caviar::search
