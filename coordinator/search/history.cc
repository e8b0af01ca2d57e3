#include "coordinator/search/history.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <string>

#include "common/random/rng.h"
#include "common/status/check.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;

uint64_t HashOf(const Value& value) {
  const uint64_t kind = value.kind_case();
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return DeriveSeed(kind, std::bit_cast<uint64_t>(value.number_value() + 0.0));  // -0 is 0
    case Value::kStringValue:
      return DeriveSeed(kind, value.string_value());
    default:
      return DeriveSeed(kind, uint64_t{value.bool_value()});
  }
}

// Equal for the same points (SamePoint). A sum, because protobuf's maps have no order.
uint64_t HashOf(const Point& point) {
  uint64_t hash = point.fields_size();
  for (const auto& [name, value] : point.fields()) hash += DeriveSeed(HashOf(value), name);
  return hash;
}

}  // namespace

History::History(v1::Objective::Direction direction) : direction_(direction) {}

void History::AddPoint(const Point& point) { points_.insert(HashOf(point)); }

void History::AddPrior(const Point* point, double value) {
  if (std::isfinite(value)) Insert({KeyOf(value), 0, point, ++priors_});
}

void History::AddValue(uint32_t trial_number, const Point* point, double value) {
  if (!std::isfinite(value)) return;
  const Entry entry{KeyOf(value), trial_number, point};
  const auto known = std::find_if(best_.begin(), best_.end(), [&](const Entry& other) {
    return other.trial_number == trial_number;
  });
  if (known != best_.end()) {
    if (!(entry < *known)) return;
    best_.erase(known);
  }
  Insert(entry);
}

void History::Insert(const Entry& entry) {
  best_.insert(entry);
  if (best_.size() > kBestMax) best_.erase(std::prev(best_.end()));
}

double History::KeyOf(double value) const {
  return direction_ == v1::Objective::MINIMIZE ? value : -value;
}

bool History::Contains(const Point& point) const { return points_.contains(HashOf(point)); }

std::vector<const Point*> History::Best(size_t count) const {
  CAVIAR_CHECK(count <= kBestMax) << count;
  std::vector<const Point*> best;
  for (const Entry& entry : best_) {
    if (best.size() == count) break;
    best.push_back(entry.point);
  }
  return best;
}

}  // namespace caviar::search
