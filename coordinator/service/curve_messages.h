// From the store's curve rows to what users see.
#ifndef CAVIAR_COORDINATOR_SERVICE_CURVE_MESSAGES_H_
#define CAVIAR_COORDINATOR_SERVICE_CURVE_MESSAGES_H_

#include "caviar/v1/job.pb.h"
#include "caviar/v1/records.pb.h"

namespace caviar::service {

// Non-finite metrics are left out.
v1::Measurement ToMeasurement(const v1::CurveRecord& row);

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_CURVE_MESSAGES_H_
