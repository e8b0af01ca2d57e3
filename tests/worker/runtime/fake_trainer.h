// A trainer of arithmetic only, artifacts in memory, and an observer that writes down what it
// hears.
#ifndef CAVIAR_TESTS_WORKER_RUNTIME_FAKE_TRAINER_H_
#define CAVIAR_TESTS_WORKER_RUNTIME_FAKE_TRAINER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "common/sync/mutex.h"
#include "worker/runtime/artifact_source.h"
#include "worker/runtime/attempt_runner.h"
#include "worker/runtime/epoch_trainer.h"

namespace caviar::runtime {

// What happens inside the epochs of a FakeTrainer; may block on `stop`.
using EpochScript = std::function<absl::Status(uint32_t epoch, std::stop_token stop)>;

class FakeTrainer : public EpochTrainer {
 public:
  FakeTrainer(uint32_t epoch, EpochScript script, uint32_t patience_at)
      : epoch_(epoch), script_(std::move(script)), patience_at_(patience_at) {}

  absl::StatusOr<EpochMetrics> TrainEpoch(std::stop_token stop) override {
    if (script_) {
      if (const absl::Status status = script_(epoch_ + 1, stop); !status.ok()) return status;
    }
    ++epoch_;
    return EpochMetrics{{"train_loss"}, {1.0 / epoch_}};
  }
  uint32_t epoch() const override { return epoch_; }
  bool patience_exhausted() const override { return patience_at_ > 0 && epoch_ >= patience_at_; }
  absl::StatusOr<std::string> SaveCheckpoint() const override { return absl::StrCat(epoch_); }
  absl::StatusOr<std::string> ExportModel() const override {
    return absl::StrCat("model of epoch ", epoch_);
  }
  absl::StatusOr<std::map<std::string, double>> TestBest() override {
    return std::map<std::string, double>{{"test_loss", 0.5}};
  }

 private:
  uint32_t epoch_;
  EpochScript script_;
  uint32_t patience_at_;
};

class FakeTrainerFactory : public TrainerFactory {
 public:
  absl::StatusOr<std::unique_ptr<EpochTrainer>> Create(
      const v1::Assign&, const std::string&,
      const std::optional<std::string>& checkpoint) override {
    if (!create_status.ok()) return create_status;
    uint32_t epoch = 0;
    if (checkpoint && !absl::SimpleAtoi(*checkpoint, &epoch)) {
      return absl::DataLossError("not a checkpoint");
    }
    return std::make_unique<FakeTrainer>(epoch, script, patience_at);
  }

  absl::Status create_status;
  EpochScript script;
  uint32_t patience_at = 0;
};

// Serves files of a directory; Fetch of anything else waits for the stop.
class FakeArtifactSource : public ArtifactSource {
 public:
  explicit FakeArtifactSource(std::string directory) : directory_(std::move(directory)) {}

  std::string Add(const std::string& bytes) {
    const std::string digest = Sha256Hex(bytes);
    WriteFileDurably(absl::StrCat(directory_, "/", digest), bytes).IgnoreError();
    return digest;
  }
  absl::StatusOr<std::shared_ptr<const LocalArtifact>> Fetch(absl::string_view digest,
                                                             std::stop_token stop) override {
    if (!fetch_status.ok()) return fetch_status;
    const std::string path = absl::StrCat(directory_, "/", digest);
    if (ReadFile(path).ok()) return std::make_shared<const LocalArtifact>(LocalArtifact{path});
    Mutex mutex;
    CondVar stopped;
    bool is_stopped = false;
    std::stop_callback on_stop(stop, [&] {
      MutexLock lock(&mutex);
      is_stopped = true;
      stopped.NotifyAll();
    });
    MutexLock lock(&mutex);
    while (!is_stopped) stopped.Wait(&mutex);
    return absl::CancelledError("stopped");
  }

  absl::Status fetch_status;

 private:
  const std::string directory_;
};

class RecordingObserver : public AttemptObserver {
 public:
  void OnEpoch(const AttemptKey&, uint32_t epoch, std::vector<std::string>,
               std::vector<double>) override {
    MutexLock lock(&mutex_);
    epochs_.push_back(epoch);
    heard_.NotifyAll();
    if (on_epoch) on_epoch(epoch);
  }
  void OnCheckpoint(const AttemptKey&, uint32_t epoch, Artifact) override {
    MutexLock lock(&mutex_);
    checkpoints_.push_back(epoch);
  }
  void OnTrained(const AttemptKey&) override {
    MutexLock lock(&mutex_);
    trained_after_.push_back({epochs_.size(), checkpoints_.size()});
  }
  void OnEnd(const AttemptKey& key, AttemptResult result) override {
    MutexLock lock(&mutex_);
    ends_.emplace(key, std::move(result));
    heard_.NotifyAll();
  }

  std::vector<uint32_t> epochs() const {
    MutexLock lock(&mutex_);
    return epochs_;
  }
  std::vector<uint32_t> checkpoints() const {
    MutexLock lock(&mutex_);
    return checkpoints_;
  }
  // Each time that training was said to be over: how many epochs and checkpoints were told before.
  std::vector<std::pair<size_t, size_t>> trained_after() const {
    MutexLock lock(&mutex_);
    return trained_after_;
  }
  AttemptResult WaitForEnd(const AttemptKey& key) const {
    MutexLock lock(&mutex_);
    while (!ends_.contains(key)) heard_.Wait(&mutex_);
    return ends_.at(key);
  }
  void WaitForEpoch(uint32_t epoch) const {
    MutexLock lock(&mutex_);
    while (epochs_.empty() || epochs_.back() < epoch) heard_.Wait(&mutex_);
  }

  // Called inside OnEpoch, on the slot's thread.
  std::function<void(uint32_t)> on_epoch;

 private:
  mutable Mutex mutex_;
  mutable CondVar heard_;
  std::vector<uint32_t> epochs_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint32_t> checkpoints_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<size_t, size_t>> trained_after_ ABSL_GUARDED_BY(mutex_);
  std::map<AttemptKey, AttemptResult> ends_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::runtime

#endif  // CAVIAR_TESTS_WORKER_RUNTIME_FAKE_TRAINER_H_
