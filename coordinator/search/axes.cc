#include "coordinator/search/axes.h"

#include <algorithm>
#include <cmath>

#include "common/status/check.h"
#include "coordinator/search/observations.h"

namespace caviar::search {
namespace {

Axis AxisOf(const Parameter& parameter) {
  Axis axis;
  if (parameter.kind() == Parameter::Kind::kReal) return axis;
  // A choice keeps its kind however long: its neighbours have nothing in common.
  const bool is_choice = parameter.kind() == Parameter::Kind::kChoice;
  const auto cells = static_cast<int64_t>(*parameter.cardinality());
  if (!is_choice && cells > static_cast<int64_t>(Observations::kCellsMax)) return axis;
  axis.kind = is_choice ? Axis::Kind::kChoice : Axis::Kind::kOrdered;
  for (int64_t cell = 0; cell < cells; ++cell) axis.edges.push_back(parameter.CellBegin(cell));
  axis.edges.push_back(1);
  return axis;
}

}  // namespace

int Axis::CellAt(double u) const {
  CAVIAR_CHECK(!edges.empty());
  const auto after = std::upper_bound(edges.begin(), edges.end() - 1, u);
  return std::max(0, static_cast<int>(after - edges.begin()) - 1);
}

Axes::Axes(const Space& space) : order_(space.topological_order()) {
  for (int i = 0; i < space.size(); ++i) {
    const Parameter& parameter = space.parameter(i);
    parameters_.push_back(parameter);
    Axis& axis = axes_.emplace_back(AxisOf(parameter));
    for (const Space::Condition& condition : space.conditions(i)) {
      const Parameter& parent = space.parameter(condition.parent);
      Axis::Condition& line = axis.conditions.emplace_back();
      line.parent = condition.parent;
      for (const auto& value : condition.values) {
        line.cells.push_back(parent.CellAt(*parent.UnitOf(value)));
      }
      std::sort(line.cells.begin(), line.cells.end());
    }
  }
}

bool Axes::IsActive(int index, std::span<const double> place) const {
  return std::all_of(axes_[index].conditions.begin(), axes_[index].conditions.end(),
                     [&](const Axis::Condition& condition) {
                       const double u = place[condition.parent];
                       return !std::isnan(u) &&
                              std::binary_search(condition.cells.begin(), condition.cells.end(),
                                                 CellOf(condition.parent, u));
                     });
}

int64_t Axes::CellOf(int index, double u) const {
  const Axis& axis = axes_[index];
  return axis.edges.empty() ? parameters_[index].CellAt(u) : axis.CellAt(u);
}

}  // namespace caviar::search
