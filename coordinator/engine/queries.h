// Answers to users' questions, as functions of the engine's state. The driver runs them between
// steps, after a commit, so that nobody reads what is not durable.
//
// Threads: thread-compatible; call on the thread that owns the engine.
// Errors:  kNotFound naming what was asked for; kInvalidArgument for a bad page token, filter,
//          order or cursor.
#ifndef CAVIAR_COORDINATOR_ENGINE_QUERIES_H_
#define CAVIAR_COORDINATOR_ENGINE_QUERIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/engine/engine.h"

namespace caviar::engine {

// `job` is an id in decimal or a name (the newest job so named).
absl::StatusOr<uint32_t> ResolveJob(const EngineState& state, absl::string_view job);

absl::StatusOr<v1::Job> GetJob(const EngineState& state, absl::string_view job);
absl::StatusOr<v1::ListJobsResponse> ListJobs(const EngineState& state,
                                              const v1::ListJobsRequest& request);
absl::StatusOr<v1::Trial> GetTrial(const EngineState& state, const v1::GetTrialRequest& request);
absl::StatusOr<v1::ListTrialsResponse> ListTrials(const EngineState& state,
                                                  const v1::ListTrialsRequest& request);
absl::StatusOr<v1::Leaderboard> GetLeaderboard(const EngineState& state,
                                               const v1::GetLeaderboardRequest& request);
v1::ListWorkersResponse ListWorkers(const EngineState& state);
absl::StatusOr<v1::ListDatasetsResponse> ListDatasets(const EngineState& state,
                                                      const v1::ListDatasetsRequest& request);
absl::StatusOr<v1::Dataset> GetDataset(const EngineState& state, absl::string_view name);

struct ModelLocation {
  uint32_t trial = 0;
  std::string digest;
};
// kFailedPrecondition when the trial has no model (yet, or it was not kept).
absl::StatusOr<ModelLocation> FindModel(const EngineState& state,
                                        const v1::GetModelRequest& request);

// What changed in a job after sequence `after`, oldest change first, at most `limit` trials.
struct JobChanges {
  std::optional<v1::Job> job;
  std::vector<v1::Trial> trials;
  // Trials with curve rows newer than `after` (the store holds them): number.
  std::vector<uint32_t> measured_trials;
  // Continue from here. Everything up to it is in this answer.
  uint64_t through_sequence = 0;
  // Nothing is left after through_sequence and nothing will come: the job has ended.
  bool is_final = false;
};
absl::StatusOr<JobChanges> ChangesAfter(const EngineState& state, uint32_t job, uint64_t after,
                                        int limit);

// Every digest that a record refers to: what garbage collection must keep.
absl::flat_hash_set<std::string> ReferencedArtifacts(const EngineState& state);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_QUERIES_H_
