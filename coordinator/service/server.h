// The coordinator's gRPC server: both services, health and reflection, on one address.
//
// Ownership: borrows the parts; they outlive it.
// Errors:    Start as ListenSocket::Open.
#ifndef CAVIAR_COORDINATOR_SERVICE_SERVER_H_
#define CAVIAR_COORDINATOR_SERVICE_SERVER_H_

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/address.h"
#include "coordinator/service/service_parts.h"

namespace caviar::service {

struct ServerOptions {
  HostPort listen;
  // Connections are refused while this many descriptors are open (ListenSocket). gRPC, the store
  // and uploads need some of their own below the process's limit. 0 means by that limit.
  int descriptor_max = 0;
};

class Server {
 public:
  // Calls that have not ended by themselves are cut after this long.
  static constexpr std::chrono::seconds kShutdownGrace{5};

  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const ServiceParts& parts);
  // Shuts down.
  ~Server();

  int port() const;

  // Accepts nothing more, sends workers away (each after a time of its own, so that they do not
  // return together), ends watchers, and waits for the other calls. The driver must still run.
  void Shutdown();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_SERVER_H_
