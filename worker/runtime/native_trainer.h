// The built-in trainer (worker/train) as the epoch runner sees it. Attempts on the same data set
// share one mapping of its file.
//
// Threads:     the factory is thread-safe.
// Errors:      Create: kInvalidArgument for a point that cannot be trained on the data set,
//              kDataLoss for a data set or checkpoint that cannot be read.
// Determinism: as train::TrialTrainer.
#ifndef CAVIAR_WORKER_RUNTIME_NATIVE_TRAINER_H_
#define CAVIAR_WORKER_RUNTIME_NATIVE_TRAINER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "common/data/dataset.h"
#include "common/sync/mutex.h"
#include "worker/runtime/epoch_trainer.h"

namespace caviar::runtime {

class NativeTrainerFactory : public TrainerFactory {
 public:
  absl::StatusOr<std::unique_ptr<EpochTrainer>> Create(
      const v1::Assign& assign, const std::string& dataset_path,
      const std::optional<std::string>& checkpoint) override;

 private:
  absl::StatusOr<std::shared_ptr<const data::Dataset>> OpenDataset(const std::string& digest,
                                                                   const std::string& path);

  Mutex mutex_;
  // Kept while an attempt uses them.
  std::map<std::string, std::weak_ptr<const data::Dataset>> datasets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_NATIVE_TRAINER_H_
