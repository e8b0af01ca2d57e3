// A whole coordinator in this process, on any free port of loopback: the real engine, driver,
// artifact store and gRPC server around a store in memory; and stubs that talk to it.
//
// Threads: one owner; stubs are thread-safe.
#ifndef CAVIAR_TESTS_COORDINATOR_SERVICE_TEST_COORDINATOR_H_
#define CAVIAR_TESTS_COORDINATOR_SERVICE_TEST_COORDINATOR_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "caviar/v1/search_service.grpc.pb.h"
#include "caviar/v1/worker_service.grpc.pb.h"
#include "common/time/clock.h"
#include "coordinator/driver/driver.h"
#include "coordinator/service/server.h"
#include "coordinator/store/memory_store.h"
#include "tests/coordinator/service/temporary_directory.h"

namespace caviar::service {

// Nothing on loopback takes this long, not even under a sanitizer on a busy machine; a call that
// does has failed.
inline constexpr std::chrono::seconds kPatience{60};

// A context whose call fails after kPatience instead of hanging the test.
std::unique_ptr<grpc::ClientContext> Context();

struct TestOptions {
  engine::EngineOptions engine;
  driver::DriverOptions driver;
  int descriptor_max = 0;
  PatienceLimits patience;
};

class TestCoordinator {
 public:
  explicit TestCoordinator(const TestOptions& options = {});
  ~TestCoordinator();

  int port() const { return server_->port(); }
  std::string address() const;
  driver::Driver& driver() { return *driver_; }
  SendRouter& router() { return router_; }
  store::ArtifactStore& artifacts() { return *artifacts_; }
  Server& server() { return *server_; }
  v1::SearchService::StubInterface& search() { return *search_; }
  v1::WorkerService::StubInterface& worker() { return *worker_; }
  std::shared_ptr<grpc::Channel> NewChannel() const;

  // Puts a small data set on record, as an import would, and returns its name.
  std::string AddDataset();
  // Submits a job of `trials` trials of `epochs` epochs each.
  v1::Job Submit(int trials, int epochs);
  v1::Job GetJob(const v1::Job& job);

 private:
  TemporaryDirectory directory_;
  RealClock clock_;
  store::MemoryDisk disk_;
  store::MemoryStore store_{disk_};
  std::unique_ptr<store::ArtifactStore> artifacts_;
  CallCounter calls_;
  TaskPool delivery_{1};
  TaskPool io_{2};
  TaskPool analysis_{1};
  TaskPool thinking_{1};
  std::unique_ptr<ArtifactJanitor> janitor_;
  SendRouter router_;
  std::unique_ptr<datasets::DatasetImporter> importer_;
  std::unique_ptr<driver::Driver> driver_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::SearchService::Stub> search_;
  std::unique_ptr<v1::WorkerService::Stub> worker_;
};

}  // namespace caviar::service

#endif  // CAVIAR_TESTS_COORDINATOR_SERVICE_TEST_COORDINATOR_H_
