// A running coordinator: every part built in order, connected, and taken down in reverse.
//
// Threads:   Start and Close by one owner.
// Ownership: owns everything, down to the lock on its directory.
// Errors:    Start: kFailedPrecondition when the directory is in use or its store is not ours;
//            kDataLoss when the store is damaged; as service::Server::Start for the address.
#ifndef CAVIAR_COORDINATOR_COORDINATOR_H_
#define CAVIAR_COORDINATOR_COORDINATOR_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/address.h"
#include "coordinator/engine/engine.h"

namespace caviar {

struct CoordinatorOptions {
  HostPort listen;
  // Holds store.db, artifacts/ and uploads/; created if missing.
  std::string directory;
  engine::EngineOptions engine;
  // As driver::DriverOptions::on_fatal.
  std::function<void(const absl::Status&)> on_fatal;
};

class Coordinator {
 public:
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(const CoordinatorOptions& options);
  // Closes.
  ~Coordinator();

  int port() const;

  // Sends workers and watchers away, answers what was asked, makes it durable, ends the threads.
  // Takes some seconds at most.
  void Close();

 private:
  struct Parts;
  explicit Coordinator(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace caviar

#endif  // CAVIAR_COORDINATOR_COORDINATOR_H_
