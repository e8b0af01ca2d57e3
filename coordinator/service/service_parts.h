// What the gRPC services translate for: borrowed by every reactor, so all of it outlives the
// server.
#ifndef CAVIAR_COORDINATOR_SERVICE_SERVICE_PARTS_H_
#define CAVIAR_COORDINATOR_SERVICE_SERVICE_PARTS_H_

#include "absl/time/time.h"
#include "coordinator/datasets/dataset_importer.h"
#include "coordinator/driver/driver.h"
#include "coordinator/service/artifact_janitor.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/send_router.h"
#include "coordinator/service/task_pool.h"
#include "coordinator/store/artifact_store.h"

namespace caviar::service {

// How long a silent peer may hold what others wait for.
struct PatienceLimits {
  // From a session's start to its Register: a worker sends it at once.
  absl::Duration register_within = absl::Seconds(10);
  // Between two messages of an upload: far beyond any hiccup of a link.
  absl::Duration upload_idle = absl::Minutes(1);
};

struct ServiceParts {
  driver::Driver& driver;
  SendRouter& router;
  CallCounter& calls;
  TaskPool& delivery;
  TaskPool& io;
  TaskPool& analysis;
  store::ArtifactStore& artifacts;
  ArtifactJanitor& janitor;
  datasets::DatasetImporter& importer;
  PatienceLimits patience = {};
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_SERVICE_PARTS_H_
