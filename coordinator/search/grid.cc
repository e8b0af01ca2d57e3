#include "coordinator/search/grid.h"

#include <algorithm>
#include <bit>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;

std::vector<Value> PlacesAlong(const Parameter& parameter, int points) {
  if (!parameter.values().empty()) return parameter.values();
  std::vector<Value> places;
  for (int i = 0; i < points; ++i) {
    // A single place sits in the middle.
    const Value value = parameter.AtUnit(points == 1 ? 0.5 : static_cast<double>(i) / (points - 1));
    if (places.empty() || !SameValue(places.back(), value)) places.push_back(value);
  }
  return places;
}

// For each depth of the topological order, the parents that conditions from there on look at.
std::vector<std::vector<int>> ParentsNeeded(const Space& space) {
  const std::vector<int>& order = space.topological_order();
  std::vector<std::vector<int>> needed(order.size() + 1);
  std::set<int> parents;
  for (size_t depth = order.size(); depth-- > 0;) {
    parents.erase(order[depth]);  // not chosen yet at this depth
    for (const Space::Condition& condition : space.conditions(order[depth])) {
      parents.insert(condition.parent);
    }
    needed[depth].assign(parents.begin(), parents.end());
  }
  return needed;
}

}  // namespace

Grid::Grid(const Space& space, int points) : space_(&space), parents_needed_(ParentsNeeded(space)) {
  CAVIAR_CHECK(points >= 1) << points;
  for (int i = 0; i < space.size(); ++i) places_.push_back(PlacesAlong(space.parameter(i), points));
  depths_.resize(space.size());
  for (size_t depth = 0; depth < space.topological_order().size(); ++depth) {
    depths_[space.topological_order()[depth]] = depth;
  }
  Point point;
  size_ = CountFrom(0, point);
}

std::string Grid::CompletionKey(size_t depth, const Point& point) const {
  std::string key = absl::StrCat(depth);
  for (const int parent : parents_needed_[depth]) {
    const auto value = point.fields().find(space_->parameter(parent).name());
    // The separator cannot be mistaken: a value's text is followed by its length.
    const std::string text = value == point.fields().end() ? "inactive" : ValueText(value->second);
    const int kind = value == point.fields().end() ? 0 : value->second.kind_case();
    absl::StrAppend(&key, "|", kind, ":", text.size(), ":", text);
  }
  for (const Constraint& constraint : space_->constraints()) {
    absl::StrAppend(&key, "|", SumKey(constraint, depth, point));
  }
  return key;
}

std::string Grid::SumKey(const Constraint& constraint, size_t depth, const Point& point) const {
  bool is_decided = true;
  double sum = 0;
  for (const Constraint::Term& term : constraint.terms()) {
    if (depths_[term.parameter] >= depth) {
      is_decided = false;
      continue;
    }
    const auto value = point.fields().find(term.name);
    if (value == point.fields().end()) return "inactive";
    sum += term.factor * value->second.number_value();
  }
  return is_decided ? "" : absl::StrCat(std::bit_cast<uint64_t>(sum + 0.0));  // -0 is 0
}

uint64_t Grid::CountFrom(size_t depth, Point& point) {
  const std::vector<int>& order = space_->topological_order();
  if (depth == order.size()) return 1;
  const std::string key = CompletionKey(depth, point);
  const auto known = counts_.find(key);
  if (known != counts_.end()) return known->second;
  if (counts_.size() >= kCompletionsMax) return kSizeMax + 1;

  uint64_t count = 0;
  const int index = order[depth];
  if (!space_->IsActive(index, point)) {
    count = CountFrom(depth + 1, point);
  } else {
    const std::string& name = space_->parameter(index).name();
    for (const Value& place : places_[index]) {
      (*point.mutable_fields())[name] = place;
      if (space_->Allows(point)) count += CountFrom(depth + 1, point);
      if (count > kSizeMax) break;
    }
    point.mutable_fields()->erase(name);
  }
  count = std::min(count, kSizeMax + 1);
  counts_.emplace(key, count);
  return count;
}

Point Grid::At(uint64_t index) const {
  CAVIAR_CHECK(index < size_ && size_ <= kSizeMax) << index << " of " << size_;
  const std::vector<int>& order = space_->topological_order();
  Point point;
  for (size_t depth = 0; depth < order.size(); ++depth) {
    if (!space_->IsActive(order[depth], point)) continue;
    Value& value = (*point.mutable_fields())[space_->parameter(order[depth]).name()];
    for (const Value& place : places_[order[depth]]) {
      value = place;
      if (!space_->Allows(point)) continue;
      const uint64_t below =
          depth + 1 == order.size() ? 1 : counts_.at(CompletionKey(depth + 1, point));
      if (index < below) break;
      index -= below;
    }
  }
  return point;
}

int GridPointsForBudget(const Space& space, int trials) {
  const auto size = [&space](int points) { return Grid(space, points).size(); };
  if (size(2) > static_cast<uint64_t>(trials)) return 2;
  int fits = 2;
  int too_many = std::min(trials, kGridPointsMax) + 1;
  while (fits + 1 < too_many) {
    const int middle = (fits + too_many) / 2;
    (size(middle) <= static_cast<uint64_t>(trials) ? fits : too_many) = middle;
  }
  return size(fits) == size(2) ? 2 : fits;  // more places change nothing in a space of lists
}

}  // namespace caviar::search
