// Jobs that train the best points of another job again: with other seeds on the same data (REPEAT),
// or on another version of the data (RETEST), when a person asks or when the job's own policy says
// so (JobSpec.retest).
//
// Trial n trains source (n - 1) / seeds with seed (n - 1) % seeds, the same seeds for each source,
// so that differences are compared seed by seed. Points come from spec.enqueue, one a source.
//
// Threads:     thread-compatible; on the engine's owner.
// Determinism: which points: the job's leaderboard; no two of them are equal, and none of a trial
//              whose values a person changed on the way.
#ifndef CAVIAR_COORDINATOR_ENGINE_RERUN_JOB_H_
#define CAVIAR_COORDINATOR_ENGINE_RERUN_JOB_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// The new job, or the one that an earlier request with the same id made. kFailedPrecondition while
// the job runs, or has no value; kInvalidArgument with one line a problem, also where the data do
// not fit; kNotFound for job or data set.
absl::StatusOr<Job*> RerunJob(EngineState& state, const v1::RerunJobRequest& request,
                              uint32_t random_seed);

// Index into Origin.sources, and of the seed, of a trial. Requires: the job has an origin.
uint32_t SourceIndexOf(const v1::Origin& origin, uint32_t trial);
uint32_t SeedIndexOf(const v1::Origin& origin, uint32_t trial);

// All randomness of a trial, the same for each attempt; for a rerun by its seed's index.
uint64_t TrainingSeed(const v1::JobRecord& job, uint32_t trial);

// ---- By policy ----

// The job has completed: its first retest is due once spec.retest.every has passed.
void PlanRetest(EngineState& state, Job& job);
// Takes up the plan of a record.
void RestoreRetest(EngineState& state, const Job& job);
// The job runs again: no retest is due.
void ForgetRetest(EngineState& state, Job& job);
// It is due: starts it, or says in a warning of the job why it cannot be; either way the next one
// is planned from now.
void ReachRetest(EngineState& state, Job& job);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_RERUN_JOB_H_
