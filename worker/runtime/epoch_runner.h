// Runs an attempt epoch by epoch in this process: gets data set and checkpoint, trains as far as it
// may, reports, makes checkpoints, and exports the model at the end.
//
// An attempt ends kCompleted by itself when it has trained all epochs of the job or its patience is
// exhausted; at the end of a smaller grant it waits for more, or for a stop.
//
// Threads: thread-safe, as AttemptRunner asks.
#ifndef CAVIAR_WORKER_RUNTIME_EPOCH_RUNNER_H_
#define CAVIAR_WORKER_RUNTIME_EPOCH_RUNNER_H_

#include "absl/time/time.h"
#include "common/time/clock.h"
#include "worker/runtime/artifact_source.h"
#include "worker/runtime/attempt_runner.h"
#include "worker/runtime/epoch_trainer.h"

namespace caviar::runtime {

class EpochRunner : public AttemptRunner {
 public:
  struct Options {
    // After an epoch, when at least this long has passed since the last one; zero: every epoch.
    // A lost worker costs at most this much work of each attempt.
    absl::Duration checkpoint_interval = absl::Seconds(30);
  };
  // Making checkpoints takes at most this share of a slot's time; else they become rarer.
  static constexpr double kCheckpointShareMax = 0.2;

  // All must outlive the runner.
  EpochRunner(ArtifactSource& artifacts, TrainerFactory& trainers, const Clock& clock,
              Options options);

  AttemptResult Run(const v1::Assign& assign, AttemptControl& control,
                    AttemptObserver& observer) override;

 private:
  ArtifactSource& artifacts_;
  TrainerFactory& trainers_;
  const Clock& clock_;
  const Options options_;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_EPOCH_RUNNER_H_
