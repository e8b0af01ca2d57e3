#include "coordinator/schedule/running_median.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "common/status/check.h"

namespace caviar::schedule {

void RunningMedian::Add(double number) {
  CAVIAR_CHECK(!std::isnan(number));
  low_.push_back(number);
  std::push_heap(low_.begin(), low_.end());
  // The largest of the small ones goes over, and comes back if that is one too many.
  std::pop_heap(low_.begin(), low_.end());
  high_.push_back(low_.back());
  low_.pop_back();
  std::push_heap(high_.begin(), high_.end(), std::greater<>());
  if (high_.size() <= low_.size()) return;
  std::pop_heap(high_.begin(), high_.end(), std::greater<>());
  low_.push_back(high_.back());
  high_.pop_back();
  std::push_heap(low_.begin(), low_.end());
}

double RunningMedian::Median() const {
  CAVIAR_CHECK(!low_.empty());
  if (low_.size() > high_.size()) return low_.front();
  // Halves first: two of the largest numbers have no sum. Equal ones are no less for it.
  return low_.front() == high_.front() ? low_.front() : low_.front() / 2 + high_.front() / 2;
}

}  // namespace caviar::schedule
