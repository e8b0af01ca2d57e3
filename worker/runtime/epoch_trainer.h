// What the epoch runner needs of a trainer, so that its rules are tested without one.
//
// Threads: a trainer belongs to one thread; a factory is thread-safe.
#ifndef CAVIAR_WORKER_RUNTIME_EPOCH_TRAINER_H_
#define CAVIAR_WORKER_RUNTIME_EPOCH_TRAINER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/worker_service.pb.h"

namespace caviar::runtime {

// Metrics of one epoch; names[i] belongs to values[i].
struct EpochMetrics {
  std::vector<std::string> names;
  std::vector<double> values;
};

class EpochTrainer {
 public:
  virtual ~EpochTrainer() = default;
  // One more epoch. kCancelled once `stop` fired inside it; kOutOfRange: the loss diverged, the
  // message says where. After an error the trainer stands where the last epoch ended.
  virtual absl::StatusOr<EpochMetrics> TrainEpoch(std::stop_token stop) = 0;
  // Epochs trained, those of a restored checkpoint included.
  virtual uint32_t epoch() const = 0;
  // No better objective for as many epochs as the point allows.
  virtual bool patience_exhausted() const = 0;
  // Everything that going on bit-identically needs.
  virtual absl::StatusOr<std::string> SaveCheckpoint() const = 0;
  // Weights of the best epoch with preprocessing. Requires: epoch() > 0.
  virtual absl::StatusOr<std::string> ExportModel() const = 0;
  // Test metrics of those weights; empty without test rows. Requires: epoch() > 0.
  virtual absl::StatusOr<std::map<std::string, double>> TestBest() = 0;
};

class TrainerFactory {
 public:
  virtual ~TrainerFactory() = default;
  // `dataset_path` may be removed once this returned. With checkpoint bytes the trainer stands
  // where they were saved. kInvalidArgument: this point cannot be trained on this data set; any
  // other error is not the point's fault.
  virtual absl::StatusOr<std::unique_ptr<EpochTrainer>> Create(
      const v1::Assign& assign, const std::string& dataset_path,
      const std::optional<std::string>& checkpoint) = 0;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_EPOCH_TRAINER_H_
