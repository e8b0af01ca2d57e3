// Values turned so that smaller is better, and back.
//
// Threads: pure functions.
#ifndef CAVIAR_COORDINATOR_SCHEDULE_OBJECTIVE_KEY_H_
#define CAVIAR_COORDINATOR_SCHEDULE_OBJECTIVE_KEY_H_

#include <cmath>
#include <limits>
#include <optional>

#include "caviar/v1/job.pb.h"

namespace caviar::schedule {

// Absent and not finite are worse than all others.
inline double KeyOf(v1::Objective::Direction direction, std::optional<double> value) {
  if (!value.has_value() || !std::isfinite(*value)) return std::numeric_limits<double>::infinity();
  return direction == v1::Objective::MINIMIZE ? *value : -*value;
}

inline double ValueOf(v1::Objective::Direction direction, double key) {
  return direction == v1::Objective::MINIMIZE ? key : -key;
}

}  // namespace caviar::schedule

#endif  // CAVIAR_COORDINATOR_SCHEDULE_OBJECTIVE_KEY_H_
