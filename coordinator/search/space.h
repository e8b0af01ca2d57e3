// A search space: parameters, their conditions, and the way from a place in the unit cube to a
// point and back.
//
// A parameter is active if it has no condition, or if every parent it names is active and has one
// of the listed values; conditions nest to any depth. A point holds exactly the active parameters:
// numbers as doubles, words as strings, booleans as such.
//
// Constraints (constraint.h) say which of these points may be tried. Places know nothing of them:
// who draws asks Allows().
//
// Threads:     immutable after Create(); thread-safe.
// Shapes:      a place is one u in [0, 1] a parameter, by index; indices go by name, so that they
//              do not depend on the order in which a job file was written.
// Errors:      Create() reports everything at once: kInvalidArgument, one line a problem, each with
//              its path ("space.beta2.when.optimizer[0]: …"). Cycles are errors. Constraints are
//              looked at once all else is right.
#ifndef CAVIAR_COORDINATOR_SEARCH_SPACE_H_
#define CAVIAR_COORDINATOR_SEARCH_SPACE_H_

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/search_space.pb.h"
#include "coordinator/search/constraint.h"
#include "coordinator/search/parameter.h"
#include "google/protobuf/map.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

// The values of all active parameters of a trial, by name.
using Point = google::protobuf::Struct;

// Equal names with equal values.
bool SamePoint(const Point& a, const Point& b);

class Space {
 public:
  // One line of a condition: the parent's value must be among `values`.
  struct Condition {
    int parent = 0;
    std::vector<google::protobuf::Value> values;
  };

  static absl::StatusOr<Space> Create(
      const google::protobuf::Map<std::string, v1::Domain>& domains);
  // The job's space with its constraints.
  static absl::StatusOr<Space> Create(const v1::JobSpec& spec);

  int size() const { return static_cast<int>(parameters_.size()); }
  const Parameter& parameter(int index) const { return parameters_[index]; }
  const std::vector<Condition>& conditions(int index) const { return conditions_[index]; }
  std::optional<int> Find(absl::string_view name) const;

  // Indices with parents before their children; among those free to come next, by index.
  const std::vector<int>& topological_order() const { return topological_order_; }

  // Whether `index` is active, given that `point` holds its active parents' values.
  bool IsActive(int index, const Point& point) const;

  // The point at a place; entries of inactive parameters are not looked at. Values in `given` are
  // taken as they are where their parameter is active, instead of the place's.
  // Requires: unit.size() == size().
  Point AtUnit(std::span<const double> unit, const Point& given = Point()) const;

  // The place of a point; nullopt for parameters it does not hold or whose value has no place.
  std::vector<std::optional<double>> UnitOf(const Point& point) const;

  // True if the point holds exactly the active parameters, each inside its domain.
  bool Contains(const Point& point) const;

  const std::vector<Constraint>& constraints() const { return constraints_; }
  // Whether no constraint is broken. Of a part of a point: by what it holds.
  bool Allows(const Point& point) const { return FirstBroken(point) == nullptr; }
  // Null if none is.
  const Constraint* FirstBroken(const Point& point) const;

 private:
  Space() = default;

  std::vector<Parameter> parameters_;
  std::vector<std::vector<Condition>> conditions_;
  std::vector<int> topological_order_;
  std::vector<Constraint> constraints_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_SPACE_H_
