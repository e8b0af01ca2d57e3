// A space as densities see it: one axis a parameter, on [0, 1], and which of them a point has.
//
// A place is one number an axis, NaN where the parameter is inactive. It is the union of all the
// points that conditions allow, so that one density covers a conditional space.
//
// Threads:     immutable; thread-safe.
#ifndef CAVIAR_COORDINATOR_SEARCH_AXES_H_
#define CAVIAR_COORDINATOR_SEARCH_AXES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "coordinator/search/space.h"

namespace caviar::search {

struct Axis {
  enum class Kind {
    kContinuous,  // reals, and whole numbers and lists with too many values to be told apart
    kOrdered,     // few values with an order: each has the probability of its cell
    kChoice,      // few values without one
  };
  // Active where the parent's value is one of these, by Parameter::CellAt.
  struct Condition {
    int parent = 0;
    std::vector<int64_t> cells;  // rising
  };

  Kind kind = Kind::kContinuous;
  // Of kOrdered and kChoice: where each cell begins, and 1 at the end.
  std::vector<double> edges;
  std::vector<Condition> conditions;

  int cells() const { return static_cast<int>(edges.size()) - 1; }
  // Requires: not kContinuous; u in [0, 1].
  int CellAt(double u) const;
  double CellMiddle(int cell) const { return 0.5 * (edges[cell] + edges[cell + 1]); }
};

class Axes {
 public:
  explicit Axes(const Space& space);

  int size() const { return static_cast<int>(axes_.size()); }
  const Axis& operator[](int index) const { return axes_[index]; }
  const std::vector<int>& topological_order() const { return order_; }

  // Whether a place has this axis, given those of its parents. Requires: place.size() == size().
  bool IsActive(int index, std::span<const double> place) const;

 private:
  int64_t CellOf(int index, double u) const;

  std::vector<Axis> axes_;
  // For conditions on a parent with too many cells for an Axis.
  std::vector<Parameter> parameters_;
  std::vector<int> order_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_AXES_H_
