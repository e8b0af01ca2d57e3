#include "worker/runtime/epoch_runner.h"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::runtime {
namespace {

using End = AttemptResult::End;

AttemptResult EndBecause(End end, const absl::Status& status) {
  AttemptResult result;
  result.end = end;
  result.reason = std::string(status.message());
  return result;
}

AttemptResult Failed(const absl::Status& status) { return EndBecause(End::kFailed, status); }

Artifact MakeArtifact(std::string bytes) {
  std::string digest = Sha256Hex(bytes);
  return {std::move(digest), std::make_shared<const std::string>(std::move(bytes))};
}

// One attempt on its way through EpochRunner::Run.
class Course {
 public:
  Course(const v1::Assign& assign, AttemptControl& control, AttemptObserver& observer,
         const Clock& clock, absl::Duration checkpoint_interval)
      : assign_(assign),
        key_(KeyOf(assign.id())),
        control_(control),
        observer_(observer),
        clock_(clock),
        checkpoint_interval_(checkpoint_interval),
        last_checkpoint_epoch_(assign.from_epoch()),
        next_checkpoint_(clock.Now() + checkpoint_interval) {}

  // How the attempt ends already, if it cannot be trained or was stopped meanwhile.
  std::optional<AttemptResult> Prepare(ArtifactSource& artifacts, TrainerFactory& trainers);
  // Requires: Prepare returned nothing.
  AttemptResult Train();

 private:
  absl::Status Fetch(ArtifactSource& artifacts, std::stop_token stop);
  AttemptResult EndUnprepared() const;
  AttemptResult EndStopped();
  AttemptResult Finish(End end);
  absl::Status Checkpoint();

  const v1::Assign& assign_;
  const AttemptKey key_;
  AttemptControl& control_;
  AttemptObserver& observer_;
  const Clock& clock_;
  const absl::Duration checkpoint_interval_;
  std::shared_ptr<const LocalArtifact> dataset_;  // until the trainer has it
  std::optional<std::string> checkpoint_;         // likewise
  std::unique_ptr<EpochTrainer> trainer_;
  uint32_t last_checkpoint_epoch_;
  absl::Time next_checkpoint_;
};

absl::Status Course::Fetch(ArtifactSource& artifacts, std::stop_token stop) {
  CAVIAR_ASSIGN_OR_RETURN(dataset_, artifacts.Fetch(assign_.dataset_digest(), stop));
  if (assign_.checkpoint_digest().empty()) return absl::OkStatus();
  CAVIAR_ASSIGN_OR_RETURN(const std::shared_ptr<const LocalArtifact> file,
                          artifacts.Fetch(assign_.checkpoint_digest(), stop));
  CAVIAR_ASSIGN_OR_RETURN(checkpoint_, ReadFile(file->path));
  return absl::OkStatus();
}

// Nothing that goes wrong here says anything about the trial, except that the trainer refuses the
// point: a full cache or a bad disk must not use up the job's trials.
std::optional<AttemptResult> Course::Prepare(ArtifactSource& artifacts, TrainerFactory& trainers) {
  const std::stop_token stop = control_.preparation_token();
  const absl::Status fetched = Fetch(artifacts, stop);
  if (stop.stop_requested()) return EndUnprepared();
  if (!fetched.ok()) return EndBecause(End::kCannotHere, fetched);
  absl::StatusOr<std::unique_ptr<EpochTrainer>> trainer =
      trainers.Create(assign_, dataset_->path, checkpoint_);
  dataset_.reset();
  checkpoint_.reset();
  if (absl::IsInvalidArgument(trainer.status())) {
    return EndBecause(End::kInfeasible, trainer.status());
  }
  if (!trainer.ok()) return EndBecause(End::kCannotHere, trainer.status());
  trainer_ = *std::move(trainer);
  if (trainer_->epoch() != assign_.from_epoch()) {
    return EndBecause(
        End::kCannotHere,
        absl::DataLossError(absl::StrCat("the checkpoint holds ", trainer_->epoch(),
                                         " epochs, but ", assign_.from_epoch(), " were expected")));
  }
  return std::nullopt;
}

// It was stopped while it was getting ready.
AttemptResult Course::EndUnprepared() const {
  AttemptResult result;
  switch (control_.stop_mode()) {
    case StopMode::kCheckpoint:
    case StopMode::kCheckpointNow:
      result.end = End::kSuspended;
      break;
    case StopMode::kKeepModel:
      result.end = End::kStopped;
      break;
    default:
      result.end = End::kDropped;
  }
  return result;
}

AttemptResult Course::Train() {
  for (;;) {
    if (trainer_->epoch() >= assign_.epochs() || trainer_->patience_exhausted()) {
      // A cancelled attempt has no use for a model.
      if (control_.stop_mode() == StopMode::kDrop) return EndStopped();
      return Finish(End::kCompleted);
    }
    if (!control_.WaitUntilAllowed(trainer_->epoch())) return EndStopped();
    const absl::StatusOr<EpochMetrics> metrics = trainer_->TrainEpoch(control_.epoch_token());
    if (absl::IsCancelled(metrics.status())) return EndStopped();
    if (absl::IsOutOfRange(metrics.status())) return EndBecause(End::kInfeasible, metrics.status());
    if (!metrics.ok()) return Failed(metrics.status());
    observer_.OnEpoch(key_, trainer_->epoch(), metrics->names, metrics->values);
    if (clock_.Now() >= next_checkpoint_ && trainer_->epoch() < assign_.epochs()) {
      if (const absl::Status status = Checkpoint(); !status.ok()) return Failed(status);
    }
  }
}

AttemptResult Course::EndStopped() {
  switch (control_.stop_mode()) {
    case StopMode::kKeepModel:
      return Finish(End::kStopped);
    case StopMode::kCheckpoint:
    case StopMode::kCheckpointNow: {
      if (trainer_->epoch() > last_checkpoint_epoch_) {
        observer_.OnTrained(key_);
        if (const absl::Status status = Checkpoint(); !status.ok()) return Failed(status);
      }
      AttemptResult result;
      result.end = End::kSuspended;
      return result;
    }
    default:
      return AttemptResult();
  }
}

AttemptResult Course::Finish(End end) {
  AttemptResult result;
  result.end = end;
  if (trainer_->epoch() == 0) return result;
  observer_.OnTrained(key_);
  absl::StatusOr<std::map<std::string, double>> tested = trainer_->TestBest();
  if (!tested.ok()) return Failed(tested.status());
  result.final_metrics = *std::move(tested);
  absl::StatusOr<std::string> model = trainer_->ExportModel();
  if (!model.ok()) return Failed(model.status());
  result.model = MakeArtifact(*std::move(model));
  return result;
}

absl::Status Course::Checkpoint() {
  const absl::Time start = clock_.Now();
  CAVIAR_ASSIGN_OR_RETURN(std::string bytes, trainer_->SaveCheckpoint());
  observer_.OnCheckpoint(key_, trainer_->epoch(), MakeArtifact(std::move(bytes)));
  last_checkpoint_epoch_ = trainer_->epoch();
  const absl::Time end = clock_.Now();
  next_checkpoint_ =
      end + std::max(checkpoint_interval_, (end - start) / EpochRunner::kCheckpointShareMax);
  return absl::OkStatus();
}

}  // namespace

EpochRunner::EpochRunner(ArtifactSource& artifacts, TrainerFactory& trainers, const Clock& clock,
                         Options options)
    : artifacts_(artifacts), trainers_(trainers), clock_(clock), options_(options) {}

AttemptResult EpochRunner::Run(const v1::Assign& assign, AttemptControl& control,
                               AttemptObserver& observer) {
  Course course(assign, control, observer, clock_, options_.checkpoint_interval);
  // The point decides how much memory a network takes, so this is the world misbehaving, and the
  // only exception that the standard library throws at us for it.
  try {
    if (std::optional<AttemptResult> end = course.Prepare(artifacts_, trainers_)) {
      return *std::move(end);
    }
    return course.Train();
  } catch (const std::bad_alloc&) {
    return EndBecause(End::kCannotHere, absl::ResourceExhaustedError(
                                            "out of memory: this point's network, mini-batch "
                                            "and data set do not fit on this worker"));
  }
}

}  // namespace caviar::runtime
