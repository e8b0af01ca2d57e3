// Jobs, trials and workers as users see them, made from the engine's records.
//
// Threads: pure functions of the state.
#ifndef CAVIAR_COORDINATOR_ENGINE_JOB_VIEW_H_
#define CAVIAR_COORDINATOR_ENGINE_JOB_VIEW_H_

#include "absl/time/time.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/worker.pb.h"
#include "coordinator/engine/job.h"
#include "coordinator/engine/worker_table.h"
#include "google/protobuf/timestamp.pb.h"

namespace caviar::engine {

v1::Job JobView(const Job& job);
v1::Trial TrialView(const Trial& trial);
v1::Worker WorkerView(const Worker& worker);

google::protobuf::Timestamp TimestampOf(absl::Time time);
absl::Time TimeOf(const google::protobuf::Timestamp& timestamp);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_JOB_VIEW_H_
