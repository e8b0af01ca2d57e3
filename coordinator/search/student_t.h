// What a small sample says about a mean: its 95 % interval and the test against zero, by Student's
// t. The sample is taken as normal; with ten seeds that is close enough for accuracies.
//
// Threads:     pure functions.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_STUDENT_T_H_
#define CAVIAR_COORDINATOR_SEARCH_STUDENT_T_H_

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace caviar::search {

// The t with P(T <= t) = p. Requires: freedom > 0, 0 < p < 1.
double StudentQuantile(double freedom, double p);

// P(|T| >= |t|); 0 for an infinite t. Requires: freedom > 0.
double StudentTwoSided(double freedom, double t);

struct MeanEstimate {
  size_t count = 0;
  double mean = 0;
  // Of the sample (divided by count - 1); 0 below two values.
  double deviation = 0;
  // Of the mean, 95 %; absent below two values, one point where all are equal.
  std::optional<std::pair<double, double>> interval;
};

// Requires: finite values. An empty sample has mean 0.
MeanEstimate EstimateMean(std::span<const double> values);

// How likely a sample so far from zero is if the mean is zero, two-sided; 1 below two values. With
// paired differences it is the paired t-test.
double PValueAgainstZero(const MeanEstimate& estimate);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_STUDENT_T_H_
