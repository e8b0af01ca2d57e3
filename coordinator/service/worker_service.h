// caviar.v1.WorkerService: what workers call. Translates and posts, nothing else.
//
// Ownership: borrows the parts.
#ifndef CAVIAR_COORDINATOR_SERVICE_WORKER_SERVICE_H_
#define CAVIAR_COORDINATOR_SERVICE_WORKER_SERVICE_H_

#include <memory>

#include "coordinator/service/service_parts.h"

namespace grpc {
class Service;
}

namespace caviar::service {

std::unique_ptr<grpc::Service> MakeWorkerService(const ServiceParts& parts);

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_WORKER_SERVICE_H_
