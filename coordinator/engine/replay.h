// Derives every point and every decision of a job's trial scheduler again from the job's records,
// and compares them with what is on record.
//
// Points are proposed anew from what the job knew at the sequence that the trial names; those that
// came from outside are taken as they are. A new scheduler is told in the order of sequences what
// the first one was told, and must give each grant, withhold it where a new trial was created
// instead, and stop trials for the same reasons. What time decided (wall_time, a lost worker) or a
// person did is no decision of the scheduler.
//
// Threads:     pure function. As slow as sampling all points anew.
// Errors:      kFailedPrecondition where records of an older version lack what is needed;
//              kCancelled.
// Determinism: on one build and CPU type, equal to what the engine did.
#ifndef CAVIAR_COORDINATOR_ENGINE_REPLAY_H_
#define CAVIAR_COORDINATOR_ENGINE_REPLAY_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "caviar/v1/records.pb.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/engine/job.h"

namespace caviar::engine {

// Up to and with `through_sequence`; trials by number; `priors` is what the job has learnt from
// others. Stops at the first difference, and between two events once `is_cancelled`.
absl::StatusOr<v1::Replay> ReplayJob(
    const v1::JobRecord& job, const std::vector<v1::TrialRecord>& trials, uint64_t through_sequence,
    const std::vector<Prior>& priors = {},
    absl::FunctionRef<bool()> is_cancelled = [] { return false; });

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_REPLAY_H_
