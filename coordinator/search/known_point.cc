#include "coordinator/search/known_point.h"

#include <cmath>
#include <optional>
#include <vector>

namespace caviar::search {

bool IsKnownPoint(const Space& space, const Observations& observations, const Point& point) {
  const std::vector<std::optional<double>> place = space.UnitOf(point);
  for (int i = 0; i < space.size(); ++i) {
    if (place[i].has_value() && !space.parameter(i).cardinality().has_value()) return false;
  }
  for (size_t row = observations.priors(); row < observations.rows(); ++row) {
    bool is_same = true;
    for (int i = 0; i < space.size() && is_same; ++i) {
      const double other = observations.column(i)[row];
      is_same = place[i].has_value() ? other == *place[i] : std::isnan(other);
    }
    if (is_same) return true;
  }
  return false;
}

}  // namespace caviar::search
