// GetImportance: copies the completed trials a part at a time on the driver's thread, then computes
// on the `analysis` pool, so that neither the engine nor any artifact waits for it.
//
// Threads:   as gRPC's callback API asks; the answer comes from any thread.
// Ownership: the call holds itself until it is answered; borrows the parts.
#ifndef CAVIAR_COORDINATOR_SERVICE_IMPORTANCE_CALL_H_
#define CAVIAR_COORDINATOR_SERVICE_IMPORTANCE_CALL_H_

#include <grpcpp/support/server_callback.h>

#include "caviar/v1/search_service.pb.h"
#include "coordinator/service/service_parts.h"

namespace caviar::service {

grpc::ServerUnaryReactor* StartImportanceCall(const ServiceParts& parts,
                                              const v1::GetImportanceRequest& request,
                                              v1::Importance* response);

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_IMPORTANCE_CALL_H_
