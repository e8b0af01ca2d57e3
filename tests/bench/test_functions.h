// Functions whose optimum is known, to compare samplers on. Optima are shifted away from the centre
// of the box, where several samplers start, wherever the function allows it; Ackley5 and sphere10
// also come with it there, as other systems' figures have them.
#ifndef CAVIAR_TESTS_BENCH_TEST_FUNCTIONS_H_
#define CAVIAR_TESTS_BENCH_TEST_FUNCTIONS_H_

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "coordinator/search/space.h"

namespace caviar::bench {

struct TestFunction {
  std::string name;
  double optimum = 0;  // the least value
  search::Space space;
  std::function<double(const search::Point&)> value;
};

// Branin, Hartmann6, Rosenbrock5, Ackley5 and sphere10 (both ways), Rastrigin3, and two that look
// like training: a conditional space on the scales of real hyperparameters, plain and with the
// noise of seeds.
std::vector<TestFunction> TestFunctions();

}  // namespace caviar::bench

#endif  // CAVIAR_TESTS_BENCH_TEST_FUNCTIONS_H_
