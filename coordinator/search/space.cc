#include "coordinator/search/space.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/problems.h"

namespace caviar::search {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Value;

// By name: neither map promises an order.
std::map<std::string, const v1::Domain*> SortedDomains(
    const google::protobuf::Map<std::string, v1::Domain>& domains) {
  std::map<std::string, const v1::Domain*> sorted;
  for (const auto& [name, domain] : domains) sorted.emplace(name, &domain);
  return sorted;
}

// The values of one `when` entry, checked against what the parent can be.
std::vector<Value> ConditionValues(absl::string_view path, const ListValue& list,
                                   const Parameter& parent, Problems& problems) {
  if (list.values_size() == 0) problems.Add(path, "must list at least one value");
  if (parent.kind() == Parameter::Kind::kReal) {
    problems.Add(path, absl::StrCat(parent.name(), " is a continuous range; a condition needs a ",
                                    "parent of whole numbers, values or choice"));
    return {};
  }
  for (int i = 0; i < list.values_size(); ++i) {
    if (!parent.Contains(list.values(i))) {
      problems.Add(absl::StrCat(path, "[", i, "]"),
                   absl::StrCat(parent.name(), " can never be ", ValueText(list.values(i))));
    }
  }
  return {list.values().begin(), list.values().end()};
}

// Parents before children, smallest index first; what a cycle holds back is missing.
std::vector<int> TopologicalOrder(const std::vector<std::vector<Space::Condition>>& conditions) {
  std::vector<int> order;
  std::vector<bool> placed(conditions.size(), false);
  for (bool progress = true; progress;) {
    progress = false;
    for (size_t i = 0; i < conditions.size(); ++i) {
      const bool ready = !placed[i] && std::all_of(conditions[i].begin(), conditions[i].end(),
                                                   [&placed](const Space::Condition& condition) {
                                                     return placed[condition.parent];
                                                   });
      if (!ready) continue;
      placed[i] = true;
      order.push_back(static_cast<int>(i));
      progress = true;
      break;  // start over, so that the order does not depend on how far this pass had come
    }
  }
  return order;
}

}  // namespace

bool SamePoint(const Point& a, const Point& b) {
  if (a.fields_size() != b.fields_size()) return false;
  return std::all_of(a.fields().begin(), a.fields().end(), [&b](const auto& field) {
    const auto other = b.fields().find(field.first);
    return other != b.fields().end() && SameValue(field.second, other->second);
  });
}

absl::StatusOr<Space> Space::Create(const google::protobuf::Map<std::string, v1::Domain>& domains) {
  Problems problems;
  Space space;
  const std::map<std::string, const v1::Domain*> sorted = SortedDomains(domains);
  for (const auto& [name, domain] : sorted) {
    absl::StatusOr<Parameter> parameter = Parameter::Create(name, *domain);
    problems.Add(parameter.status());
    if (parameter.ok()) space.parameters_.push_back(*std::move(parameter));
  }

  for (const Parameter& parameter : space.parameters_) {
    std::vector<Condition>& conditions = space.conditions_.emplace_back();
    std::map<std::string, const ListValue*> when;
    for (const auto& [parent, values] : parameter.domain().when()) when.emplace(parent, &values);
    for (const auto& [parent, values] : when) {
      const std::string path = absl::StrCat("space.", parameter.name(), ".when.", parent);
      const std::optional<int> index = space.Find(parent);
      if (index.has_value()) {
        conditions.push_back(
            {*index, ConditionValues(path, *values, space.parameters_[*index], problems)});
      } else if (!sorted.contains(parent)) {
        problems.Add(path, absl::StrCat("there is no ", parent, " in space to depend on"));
      }
    }
  }

  space.topological_order_ = TopologicalOrder(space.conditions_);
  if (space.topological_order_.size() < space.parameters_.size()) {
    std::vector<std::string> held_back;
    for (int i = 0; i < space.size(); ++i) {
      const auto& order = space.topological_order_;
      if (std::find(order.begin(), order.end(), i) == order.end()) {
        held_back.push_back(space.parameters_[i].name());
      }
    }
    problems.Add("space",
                 absl::StrCat("conditions go round in a circle: ", absl::StrJoin(held_back, ", ")));
  }
  if (!problems.empty()) return problems.ToStatus();
  return space;
}

absl::StatusOr<Space> Space::Create(const v1::JobSpec& spec) {
  CAVIAR_ASSIGN_OR_RETURN(Space space, Create(spec.space()));
  Problems problems;
  for (int i = 0; i < spec.constraints_size(); ++i) {
    absl::StatusOr<Constraint> constraint =
        Constraint::Create(spec.constraints(i), space.parameters_, spec.fixed());
    if (constraint.ok()) {
      space.constraints_.push_back(*std::move(constraint));
    } else {
      problems.Add(absl::StrCat("constraints[", i, "]"), constraint.status().message());
    }
  }
  if (!problems.empty()) return problems.ToStatus();
  return space;
}

std::optional<int> Space::Find(absl::string_view name) const {
  const auto found = std::lower_bound(parameters_.begin(), parameters_.end(), name,
                                      [](const Parameter& parameter, absl::string_view wanted) {
                                        return absl::string_view(parameter.name()) < wanted;
                                      });
  if (found == parameters_.end() || found->name() != name) return std::nullopt;
  return static_cast<int>(found - parameters_.begin());
}

bool Space::IsActive(int index, const Point& point) const {
  return std::all_of(
      conditions_[index].begin(), conditions_[index].end(), [&](const Condition& condition) {
        const auto value = point.fields().find(parameters_[condition.parent].name());
        if (value == point.fields().end()) return false;  // the parent itself is inactive
        return std::any_of(
            condition.values.begin(), condition.values.end(),
            [&value](const Value& allowed) { return SameValue(allowed, value->second); });
      });
}

Point Space::AtUnit(std::span<const double> unit, const Point& given) const {
  CAVIAR_CHECK(static_cast<int>(unit.size()) == size()) << unit.size() << " of " << size();
  Point point;
  for (const int index : topological_order_) {
    if (!IsActive(index, point)) continue;
    const std::string& name = parameters_[index].name();
    const auto known = given.fields().find(name);
    (*point.mutable_fields())[name] =
        known == given.fields().end() ? parameters_[index].AtUnit(unit[index]) : known->second;
  }
  return point;
}

std::vector<std::optional<double>> Space::UnitOf(const Point& point) const {
  std::vector<std::optional<double>> unit(parameters_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const auto value = point.fields().find(parameters_[i].name());
    if (value != point.fields().end()) unit[i] = parameters_[i].UnitOf(value->second);
  }
  return unit;
}

bool Space::Contains(const Point& point) const {
  int active = 0;
  for (const int index : topological_order_) {
    const auto value = point.fields().find(parameters_[index].name());
    const bool is_active = IsActive(index, point);
    if (is_active != (value != point.fields().end())) return false;
    if (!is_active) continue;
    if (!parameters_[index].Contains(value->second)) return false;
    ++active;
  }
  return active == point.fields_size();
}

const Constraint* Space::FirstBroken(const Point& point) const {
  const auto broken =
      std::find_if(constraints_.begin(), constraints_.end(),
                   [&point](const Constraint& constraint) { return !constraint.Allows(point); });
  return broken == constraints_.end() ? nullptr : &*broken;
}

}  // namespace caviar::search
