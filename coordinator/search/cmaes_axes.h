// What cmaes learns of a space: the coordinates of its normal distribution, and the parameters
// without an order, which have shares of their own.
//
// Threads:     immutable.
// Shapes:      an axis runs over the places [0, 1] of its parameter.
#ifndef CAVIAR_COORDINATOR_SEARCH_CMAES_AXES_H_
#define CAVIAR_COORDINATOR_SEARCH_CMAES_AXES_H_

#include <vector>

#include "coordinator/search/space.h"

namespace caviar::search {

struct CmaesAxis {
  int parameter = 0;
  // Places that part neighbouring values, rising; empty for a real range, and for so many values
  // that it is as good as one.
  std::vector<double> thresholds;

  // The place of the same value nearest to `wanted`, for the value at `place`; `place` itself on an
  // axis without thresholds.
  double Nearest(double wanted, double place) const;
};

struct CmaesChoice {
  int parameter = 0;
  int values = 0;
};

// Parameters of one value are left out.
struct CmaesAxes {
  explicit CmaesAxes(const Space& space);

  std::vector<CmaesAxis> numeric;
  std::vector<CmaesChoice> choices;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CMAES_AXES_H_
