// A local minimum of a smooth function inside a box: L-BFGS on the coordinates that are free to
// move, steps projected onto the box, with a backtracking line search (Nocedal and Wright,
// "Numerical Optimization", 7.2 and 16.7).
//
// Threads:     pure, as far as the function is.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_MINIMIZE_IN_BOX_H_
#define CAVIAR_COORDINATOR_SEARCH_MINIMIZE_IN_BOX_H_

#include <functional>
#include <span>
#include <vector>

namespace caviar::search {

// The value at x; writes the gradient, of the same size. A value that is not finite is a wall.
using SmoothFunction = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct Box {
  std::vector<double> lower;
  std::vector<double> upper;
};

struct Minimum {
  std::vector<double> x;
  double value = 0;
};

// From `start`, moved into the box. Ends after `evaluations_max` evaluations, or once neither value
// nor gradient promise more than rounding.
Minimum MinimizeInBox(const SmoothFunction& function, std::vector<double> start, const Box& box,
                      int evaluations_max);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_MINIMIZE_IN_BOX_H_
