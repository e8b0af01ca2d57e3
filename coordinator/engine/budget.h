// How many trials a job may still create, and with how many epochs each.
//
// A trial reserves its epochs from the job's total when it is created; what it leaves unused
// returns when it ends. Trial k gets its full grant if that much is left; otherwise it waits until
// no running or waiting trial can return epochs any more and takes what there is. So the grant of
// trial k depends only on what the trials before it use in the end, not on the order in which they
// ended or on how many run at once.
//
// A trial scheduler that grants by rung gives grants whole or not at all: what is left at the end
// and less than a rung stays unspent.
//
// Threads: pure functions.
#ifndef CAVIAR_COORDINATOR_ENGINE_BUDGET_H_
#define CAVIAR_COORDINATOR_ENGINE_BUDGET_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/engine/job.h"

namespace caviar::engine {

// Epochs for the next new trial of the sampler; nullopt if none may be created now. Requires: the
// job has not ended.
std::optional<uint32_t> NextGrant(const Job& job);

// Epochs for each of `count` trials that are added from outside, all of them at once and in full.
// kFailedPrecondition, saying what is left, if there is not that much. Requires: the job has not
// ended.
absl::StatusOr<std::vector<uint32_t>> GrantsForAdded(const Job& job, int count);

// Whether trials may be created now or later, or added from outside.
bool MayCreateTrials(const Job& job);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_BUDGET_H_
