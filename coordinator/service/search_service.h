// caviar.v1.SearchService: what users call. Translates and posts, nothing else.
//
// Ownership: borrows the parts.
#ifndef CAVIAR_COORDINATOR_SERVICE_SEARCH_SERVICE_H_
#define CAVIAR_COORDINATOR_SERVICE_SEARCH_SERVICE_H_

#include <memory>

#include "coordinator/service/service_parts.h"

namespace grpc {
class Service;
}

namespace caviar::service {

std::unique_ptr<grpc::Service> MakeSearchService(const ServiceParts& parts);

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_SEARCH_SERVICE_H_
