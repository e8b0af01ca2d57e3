// Trains one trial, epoch by epoch, and keeps the weights of its best epoch.
//
// An epoch is one pass over the reshuffled training rows in mini-batches. Its report gives
//   train_loss       mean over the epoch's mini-batches (by rows) of the J that was minimised, with
//                    label smoothing and class weights, before each step; weight decay left out
//   train_accuracy   likewise: a running mean while the weights change, not a second pass
//   validation_*     of the weights after the epoch; the loss is the plain cross-entropy
//   learning_rate    of the epoch's last step
// The best epoch is the first with the strictly best objective.
//
// Stopping: TrainEpoch() ends within one step of `stop` becoming true and then puts the trial back
// to where the last epoch ended (it copies weights and moments when an epoch begins, which costs a
// few milliseconds for the largest nets). So SaveCheckpoint() is always an epoch boundary, and a
// cancelled trainer may simply go on.
//
// Threads:     one owner thread, which may change between calls. Computes on the calling thread.
// Ownership:   shares the data set.
// Errors:      kInvalidArgument: the point cannot be trained (Create), or a checkpoint of another
//              network (Restore). kDataLoss: a broken checkpoint. kOutOfRange: the loss became NaN
//              or infinite. kCancelled: `stop`. After an error of TrainEpoch() the trainer stands
//              where the last epoch ended.
// Determinism: the same config, data set, build and CPU type give the same bits, with any number of
//              other trainers on other threads, and through any number of checkpoints. `seconds` is
//              outside of that. Settings that change after epoch E give the bits of a trainer that
//              was made with the new ones and a checkpoint of E.
#ifndef CAVIAR_WORKER_TRAIN_TRIAL_TRAINER_H_
#define CAVIAR_WORKER_TRAIN_TRIAL_TRAINER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/model.pb.h"
#include "common/data/dataset.h"
#include "worker/train/settings_change.h"

namespace caviar::train {

struct TrialConfig {
  v1::Hyperparameters hyperparameters;  // defaults filled in
  // By rising after_epoch. They differ in what model.proto calls adjustable, and nothing else.
  std::vector<SettingsChange> changes;
  uint64_t seed = 0;        // all randomness of the trial
  int epochs = 1;           // the job's budget.epochs: horizon of schedules; >= 1
  v1::Objective objective;  // what "best" means
};

struct EpochReport {
  int epoch = 0;  // from 1
  double train_loss = 0;
  double train_accuracy = 0;
  // NaN where the data set has no validation rows.
  double validation_loss = 0;
  double validation_accuracy = 0;
  double validation_macro_f1 = 0;
  double learning_rate = 0;
  double seconds = 0;  // training and evaluation of this epoch
  bool is_best = false;
};

struct TestMetrics {
  double test_loss = 0;
  double test_accuracy = 0;
};

class TrialTrainer {
 public:
  // kInvalidArgument also for an unknown objective metric, and for a net too large for one trial.
  static absl::StatusOr<std::unique_ptr<TrialTrainer>> Create(
      const TrialConfig& config, std::shared_ptr<const data::Dataset> dataset);
  ~TrialTrainer();
  TrialTrainer(const TrialTrainer&) = delete;
  TrialTrainer& operator=(const TrialTrainer&) = delete;

  // Goes on where the checkpoint was saved. On an error nothing has changed.
  absl::Status Restore(absl::string_view checkpoint_bytes);

  // kOutOfRange says "… at step N of epoch M", both from 1.
  absl::StatusOr<EpochReport> TrainEpoch(const std::atomic<bool>& stop);

  // Epochs finished.
  int epoch() const;
  // 0 before the first finished epoch.
  int best_epoch() const;
  // hyperparameter `patience`: that many epochs without a better objective. False when it is off.
  bool patience_exhausted() const;
  // What the submitter should know, one sentence each.
  const std::vector<std::string>& warnings() const;

  // The state after the last finished epoch.
  std::string SaveCheckpoint() const;
  // The best epoch's network as a model file (worker/inference/model.h); kFailedPrecondition before
  // the first finished epoch.
  absl::StatusOr<std::string> ExportModel() const;
  // The best epoch's network on the test part; nullopt when that has no rows, kFailedPrecondition
  // before the first finished epoch.
  absl::StatusOr<std::optional<TestMetrics>> TestBest();

 private:
  struct State;
  explicit TrialTrainer(std::unique_ptr<State> state);

  absl::Status RunSteps(const std::atomic<bool>& stop, EpochReport& report);
  absl::Status RunStep(int batch, EpochReport& report);
  absl::Status FinishEpoch(EpochReport& report);
  void KeepIfBest(EpochReport& report);

  std::unique_ptr<State> state_;
};

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_TRIAL_TRAINER_H_
