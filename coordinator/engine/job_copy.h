// A copy of a job's records, for answers that take long to compute: taken a part at a time between
// steps, so that nothing waits for it, and then free of the engine.
//
// Threads:     thread-compatible; Start and ReadMore on the thread that owns the engine.
// Errors:      kNotFound naming the job, also when it is deleted between two parts;
//              kFailedPrecondition when one that it learnt from is gone.
// Determinism: the trials are those that there were at Start, each as it was when its part was
//              read: what happened to it since has a sequence above through_sequence().
#ifndef CAVIAR_COORDINATOR_ENGINE_JOB_COPY_H_
#define CAVIAR_COORDINATOR_ENGINE_JOB_COPY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/records.pb.h"
#include "coordinator/engine/engine.h"
#include "coordinator/engine/job.h"

namespace caviar::engine {

class JobCopy {
 public:
  // `job` as for all queries.
  static absl::StatusOr<JobCopy> Start(const EngineState& state, absl::string_view job);

  // Copies the next `trials_max` trials. False when that were the last.
  absl::StatusOr<bool> ReadMore(const EngineState& state, size_t trials_max);

  const v1::JobRecord& job() const { return job_; }
  const std::vector<v1::TrialRecord>& trials() const { return trials_; }
  // What the job has learnt from others.
  const std::vector<Prior>& priors() const { return priors_; }
  // The job's newest change at Start.
  uint64_t through_sequence() const { return job_.sequence(); }

 private:
  JobCopy(v1::JobRecord job, std::vector<Prior> priors, size_t end);

  v1::JobRecord job_;
  std::vector<Prior> priors_;
  size_t end_;
  std::vector<v1::TrialRecord> trials_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_JOB_COPY_H_
