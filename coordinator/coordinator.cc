#include "coordinator/coordinator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file/directory_lock.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"
#include "common/time/clock.h"
#include "coordinator/datasets/dataset_importer.h"
#include "coordinator/driver/driver.h"
#include "coordinator/service/artifact_janitor.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/send_router.h"
#include "coordinator/service/server.h"
#include "coordinator/service/task_pool.h"
#include "coordinator/store/artifact_store.h"
#include "coordinator/store/sqlite_store.h"

namespace caviar {
namespace {

// Artifacts are read and written by this many calls at once; more would only wait for the disk.
constexpr int kIoThreads = 4;

}  // namespace

// In the order of construction: each part borrows from those above it.
struct Coordinator::Parts {
  Parts(DirectoryLock directory_lock, std::unique_ptr<store::Store> record_store,
        std::unique_ptr<store::ArtifactStore> artifact_store,
        std::unique_ptr<datasets::DatasetImporter> dataset_importer)
      : lock(std::move(directory_lock)),
        store(std::move(record_store)),
        artifacts(std::move(artifact_store)),
        importer(std::move(dataset_importer)),
        janitor(*artifacts, clock),
        router(delivery, thinking, janitor) {}

  ~Parts() {
    // While the driver runs: calls and threads that wait for its answers must end.
    if (server != nullptr) server->Shutdown();
    importer->Stop();
    janitor.Stop();
    router.StopThinking();
    if (driver != nullptr) driver->Stop();
    // What the driver answered last waits in the pools and uses janitor and router, which go first.
    delivery.Stop();
    io.Stop();
    analysis.Stop();
    thinking.Stop();
  }

  DirectoryLock lock;
  RealClock clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::ArtifactStore> artifacts;
  std::unique_ptr<datasets::DatasetImporter> importer;
  service::CallCounter calls;
  service::TaskPool delivery{1};
  service::TaskPool io{kIoThreads};
  service::TaskPool analysis{1};
  service::TaskPool thinking{1};
  service::ArtifactJanitor janitor;
  service::SendRouter router;
  std::unique_ptr<driver::Driver> driver;
  std::unique_ptr<service::Server> server;
};

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(const CoordinatorOptions& options) {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(options.directory));
  CAVIAR_ASSIGN_OR_RETURN(DirectoryLock lock, DirectoryLock::Acquire(options.directory));
  CAVIAR_ASSIGN_OR_RETURN(std::unique_ptr<store::SqliteStore> store,
                          store::SqliteStore::Open(options.directory));
  CAVIAR_ASSIGN_OR_RETURN(
      std::unique_ptr<store::ArtifactStore> artifacts,
      store::ArtifactStore::Open(absl::StrCat(options.directory, "/artifacts")));
  datasets::ImporterOptions importer_options;
  importer_options.spool_directory = absl::StrCat(options.directory, "/uploads");
  CAVIAR_ASSIGN_OR_RETURN(std::unique_ptr<datasets::DatasetImporter> importer,
                          datasets::DatasetImporter::Start(importer_options, *artifacts));
  auto parts = std::make_unique<Parts>(std::move(lock), std::move(store), std::move(artifacts),
                                       std::move(importer));

  CAVIAR_ASSIGN_OR_RETURN(engine::Snapshot snapshot, parts->store->Load());
  CAVIAR_ASSIGN_OR_RETURN(
      engine::Engine engine,
      engine::Engine::Restore(options.engine, std::move(snapshot), parts->clock.Now()));
  driver::DriverOptions driver_options;
  driver_options.on_fatal = options.on_fatal;
  parts->driver = std::make_unique<driver::Driver>(std::move(engine), *parts->store, parts->clock,
                                                   parts->router, driver_options);
  parts->router.Connect(*parts->driver);
  parts->driver->Start();
  parts->janitor.Start(*parts->driver);

  const service::ServiceParts service_parts{
      .driver = *parts->driver,
      .router = parts->router,
      .calls = parts->calls,
      .delivery = parts->delivery,
      .io = parts->io,
      .analysis = parts->analysis,
      .artifacts = *parts->artifacts,
      .janitor = parts->janitor,
      .importer = *parts->importer,
  };
  CAVIAR_ASSIGN_OR_RETURN(parts->server,
                          service::Server::Start({.listen = options.listen}, service_parts));
  return std::unique_ptr<Coordinator>(new Coordinator(std::move(parts)));
}

Coordinator::Coordinator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Coordinator::~Coordinator() = default;

int Coordinator::port() const { return parts_->server->port(); }

void Coordinator::Close() { parts_.reset(); }

}  // namespace caviar
