// A copy of what a job's trials have shown, for answers that take long to compute: taken a part at
// a time between steps, so that nothing waits for it, and then free of the engine.
//
// Threads:     thread-compatible; Start and ReadMore on the thread that owns the engine.
// Errors:      kNotFound naming the job, also when it is deleted between two parts.
// Determinism: the trials are those that there were at Start, each as it was when its part was
// read.
#ifndef CAVIAR_COORDINATOR_ENGINE_COMPLETED_TRIALS_H_
#define CAVIAR_COORDINATOR_ENGINE_COMPLETED_TRIALS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/engine/engine.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::engine {

class CompletedTrials {
 public:
  // `job` as for all queries.
  static absl::StatusOr<CompletedTrials> Start(const EngineState& state, absl::string_view job);

  // Looks at the next `trials_max` trials and keeps the completed ones. False when that were the
  // last. O(trials_max * parameters).
  absl::StatusOr<bool> ReadMore(const EngineState& state, size_t trials_max);

  uint32_t job() const { return job_; }
  // Of the job.
  uint64_t seed() const { return seed_; }
  const search::Space& space() const { return space_; }
  // Completed ones only.
  const search::Observations& observations() const { return observations_; }

 private:
  CompletedTrials(uint32_t job, uint64_t seed, size_t end, search::Space space,
                  search::Observations observations);

  uint32_t job_;
  uint64_t seed_;
  size_t next_ = 0;  // index of the trial
  size_t end_;
  search::Space space_;
  search::Observations observations_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_COMPLETED_TRIALS_H_
