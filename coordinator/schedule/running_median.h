// The median of numbers that come one by one: two heaps of equal size, of the smaller and of the
// larger ones.
//
// Threads:     thread-compatible.
// Determinism: a function of the set of what was added, not of the order.
#ifndef CAVIAR_COORDINATOR_SCHEDULE_RUNNING_MEDIAN_H_
#define CAVIAR_COORDINATOR_SCHEDULE_RUNNING_MEDIAN_H_

#include <cstddef>
#include <vector>

namespace caviar::schedule {

class RunningMedian {
 public:
  // Infinite is fine, NaN is not. O(log n).
  void Add(double number);
  // The mean of the two in the middle when they are even in number. Requires: size() > 0.
  double Median() const;
  size_t size() const { return low_.size() + high_.size(); }

 private:
  std::vector<double> low_;   // a heap, the largest on top; as many as high_ or one more
  std::vector<double> high_;  // a heap, the smallest on top
};

}  // namespace caviar::schedule

#endif  // CAVIAR_COORDINATOR_SCHEDULE_RUNNING_MEDIAN_H_
