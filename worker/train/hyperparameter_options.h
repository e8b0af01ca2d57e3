// From the hyperparameter message to the options of the parts that training is made of.
//
// Threads: thread-safe (pure functions).
// Errors:  kInvalidArgument naming the field, for values its range in model.proto excludes.
#ifndef CAVIAR_WORKER_TRAIN_HYPERPARAMETER_OPTIONS_H_
#define CAVIAR_WORKER_TRAIN_HYPERPARAMETER_OPTIONS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "caviar/v1/model.pb.h"
#include "worker/nn/dense.h"
#include "worker/nn/learning_rate_schedule.h"
#include "worker/nn/optimizer.h"

namespace caviar::train {

absl::StatusOr<nn::Optimizer::Options> OptimizerOptions(const v1::Hyperparameters& hyperparameters);

// Requires: horizon_epochs >= 1, steps_per_epoch >= 1.
absl::StatusOr<nn::LearningRateSchedule::Options> ScheduleOptions(
    const v1::Hyperparameters& hyperparameters, int horizon_epochs, int64_t steps_per_epoch);

absl::StatusOr<nn::Initialization> InitializationOf(const v1::Hyperparameters& hyperparameters);

// The ranges of everything else that training divides by or indexes with.
absl::Status CheckRanges(const v1::Hyperparameters& hyperparameters);

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_HYPERPARAMETER_OPTIONS_H_
