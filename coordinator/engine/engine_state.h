// All that the engine knows, and what the step under way has changed.
//
// Threads:     thread-compatible; one owner.
// Determinism: whatever is iterated is ordered; nothing depends on addresses or hashes.
#ifndef CAVIAR_COORDINATOR_ENGINE_ENGINE_STATE_H_
#define CAVIAR_COORDINATOR_ENGINE_ENGINE_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "caviar/v1/records.pb.h"
#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/artifact_references.h"
#include "coordinator/engine/deadline_table.h"
#include "coordinator/engine/effects.h"
#include "coordinator/engine/engine.h"
#include "coordinator/engine/job.h"
#include "coordinator/engine/worker_table.h"

namespace caviar::engine {

// Gathered while a step runs; FinishStep (step_changes.h) turns it into Effects.
struct StepChanges {
  Effects effects;
  bool engine_record = false;
  std::vector<Job*> jobs;
  std::vector<std::pair<Job*, Trial*>> trials;
  // Answered with the job as it is at the step's end.
  std::optional<std::pair<RequestId, uint32_t>> job_reply;
  // Answered with trials as they are at the step's end.
  struct TrialsReply {
    RequestId request{};
    uint32_t job = 0;
    uint32_t first = 0;
    uint32_t count = 0;
  };
  std::optional<TrialsReply> trials_reply;
  // Likewise with a trial: its job and number.
  std::optional<std::pair<RequestId, std::pair<uint32_t, uint32_t>>> trial_reply;
};

struct EngineState {
  explicit EngineState(const EngineOptions& engine_options) : options(engine_options) {
    record.set_next_job_id(1);
  }

  EngineOptions options;
  absl::Time now = absl::InfinitePast();
  v1::EngineRecord record;

  std::map<uint32_t, std::unique_ptr<Job>> jobs;
  uint32_t live_jobs = 0;
  absl::flat_hash_map<std::string, uint32_t> job_by_request;
  absl::flat_hash_map<std::string, std::set<uint32_t>> jobs_by_name;
  // Jobs with something to hand out, by running trials per weight.
  std::set<std::pair<double, uint32_t>> runnable;
  // Running jobs with trials that want a worker alone.
  std::set<uint32_t> jobs_with_suspects;

  std::map<std::string, v1::DatasetRecord, std::less<>> datasets;
  ArtifactReferences artifacts;
  WorkerTable workers;
  // By worker id: attempts of live trials whose records have a death of it (silent_deaths.h).
  std::map<std::string, std::set<AttemptKey>> silent_deaths;

  DeadlineTable<std::string> leases;       // by worker id
  DeadlineTable<std::string> refusals;     // by worker id
  DeadlineTable<std::string> forgettings;  // by worker id
  DeadlineTable<uint32_t> wall_times;      // by job id
  DeadlineTable<uint32_t> retests;         // by job id, of jobs that have completed

  StepChanges step;

  // Null if there is none.
  Job* FindJob(uint32_t id) {
    const auto job = jobs.find(id);
    return job == jobs.end() ? nullptr : job->second.get();
  }
  const Job* FindJob(uint32_t id) const { return const_cast<EngineState*>(this)->FindJob(id); }
};

// Adds a job under all its keys. Requires: its id is new.
Job& InsertJob(EngineState& state, std::unique_ptr<Job> job);
// Takes it out again, with what the step noted about it. Requires: it has ended.
void EraseJob(EngineState& state, uint32_t id);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ENGINE_STATE_H_
