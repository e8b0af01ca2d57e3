#include "coordinator/search/transfer_point.h"

#include <string>

namespace caviar::search {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// Null if the other job left it at its default, or it was inactive there.
const Value* ValueThere(const std::string& name, const Point& there, const Struct& fixed_there) {
  const auto in_point = there.fields().find(name);
  if (in_point != there.fields().end()) return &in_point->second;
  const auto in_fixed = fixed_there.fields().find(name);
  return in_fixed == fixed_there.fields().end() ? nullptr : &in_fixed->second;
}

}  // namespace

std::optional<Point> TransferPoint(const Space& space, const Struct& fixed, const Point& there,
                                   const Struct& fixed_there) {
  for (const auto& [name, value] : fixed.fields()) {
    const Value* const other = ValueThere(name, there, fixed_there);
    if (other != nullptr && !SameValue(*other, value)) return std::nullopt;
  }
  Point point;
  for (const int index : space.topological_order()) {
    if (!space.IsActive(index, point)) continue;
    const Parameter& parameter = space.parameter(index);
    const Value* const value = ValueThere(parameter.name(), there, fixed_there);
    if (value == nullptr || !parameter.Contains(*value)) return std::nullopt;
    (*point.mutable_fields())[parameter.name()] = *value;
  }
  if (!space.Allows(point)) return std::nullopt;
  return point;
}

}  // namespace caviar::search
