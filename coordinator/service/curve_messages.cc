#include "coordinator/service/curve_messages.h"

#include <algorithm>
#include <cmath>

namespace caviar::service {

v1::Measurement ToMeasurement(const v1::CurveRecord& row) {
  v1::Measurement measurement;
  measurement.set_epoch(row.epoch());
  const int columns = std::min(row.metrics_size(), row.values_size());
  for (int i = 0; i < columns; ++i) {
    if (std::isfinite(row.values(i))) {
      (*measurement.mutable_metrics())[row.metrics(i)] = row.values(i);
    }
  }
  return measurement;
}

}  // namespace caviar::service
