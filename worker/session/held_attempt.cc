#include "worker/session/held_attempt.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"

namespace caviar::session {
namespace {

using runtime::AttemptResult;
using runtime::StopMode;

// Whether the same bytes can never be taken (kInvalidArgument: also when they are too many), so
// that trying again is pointless. A full disk over there, kResourceExhausted, may be cleared.
bool IsHopeless(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsUnimplemented(status) ||
         absl::IsPermissionDenied(status) || absl::IsOutOfRange(status);
}

void Send(uint64_t link, v1::WorkerMessage message, std::vector<Effect>& effects) {
  effects.emplace_back(SendMessage{link, std::move(message)});
}

}  // namespace

HeldAttempt::HeldAttempt(v1::Assign assign)
    : assign_(std::move(assign)),
      key_(runtime::KeyOf(assign_.id())),
      outbox_(assign_.id(), assign_.from_epoch()),
      until_epoch_(assign_.until_epoch()) {}

void HeldAttempt::Start(std::vector<Effect>& effects) {
  CAVIAR_CHECK(phase_ == Phase::kQueued);
  phase_ = Phase::kRunning;
  limit_told_ = std::min(until_epoch_, outbox_.acknowledged_epoch() + Outbox::kRowsMax);
  effects.emplace_back(StartAttempt{assign_, limit_told_});
  if (stop_ != StopMode::kNone) effects.emplace_back(StopAttempt{key_, stop_});
}

void HeldAttempt::Grant(uint32_t until_epoch, std::vector<Effect>& effects) {
  until_epoch_ = std::max(until_epoch_, until_epoch);
  TellLimit(effects);
}

// The limit is also what keeps the outbox bounded: training waits at it, nothing is ever dropped.
void HeldAttempt::TellLimit(std::vector<Effect>& effects) {
  const uint32_t limit = std::min(until_epoch_, outbox_.acknowledged_epoch() + Outbox::kRowsMax);
  if (phase_ != Phase::kRunning || limit <= limit_told_) return;
  limit_told_ = limit;
  effects.emplace_back(SetEpochLimit{key_, limit});
}

void HeldAttempt::Acknowledge(uint32_t sequence, absl::Time now, std::vector<Effect>& effects) {
  if (sequence <= outbox_.acknowledged_sequence()) return;
  if (!outbox_.Acknowledge(sequence)) {
    effects.emplace_back(
        LogLine{LogLine::Level::kError, absl::StrCat(runtime::ToString(key_),
                                                     ": the coordinator acknowledged "
                                                     "batch ",
                                                     sequence, ", which was never sent")});
    return;
  }
  resend_at_ = now + kResendAfter;
  TellLimit(effects);
}

void HeldAttempt::ResendFrom(uint32_t sequence) {
  outbox_.ResendFrom(sequence);
  is_end_told_ = false;
}

void HeldAttempt::Rewind() {
  outbox_.ResendAll();
  is_trained_told_ = false;
  is_checkpoint_told_ = false;
  is_end_told_ = false;
  resend_at_ = absl::InfiniteFuture();
}

void HeldAttempt::Confirm(uint32_t durable_sequence, absl::Time now, std::vector<Effect>& effects) {
  if (durable_sequence < outbox_.acknowledged_sequence() ||
      durable_sequence > outbox_.last_sequence()) {
    // Rows that were acknowledged are gone there, and here too. The trial can only go on from a
    // checkpoint.
    effects.emplace_back(
        LogLine{LogLine::Level::kError,
                absl::StrCat(runtime::ToString(key_), ": the coordinator says that it has batch ",
                             durable_sequence, " but acknowledged ",
                             outbox_.acknowledged_sequence(), "; handing the attempt back")});
    outbox_.Clear(durable_sequence);
    AskToStop(StopMode::kDrop, effects);
    if (phase_ != Phase::kRunning && !is_cancelled_) EndAsHandBack();
  } else {
    Acknowledge(durable_sequence, now, effects);
  }
  Rewind();
}

void HeldAttempt::AskToStop(StopMode mode, std::vector<Effect>& effects) {
  if (mode <= stop_) return;
  stop_ = mode;
  if (phase_ == Phase::kRunning) effects.emplace_back(StopAttempt{key_, mode});
}

void HeldAttempt::Stop(v1::Stop::Reason reason, std::vector<Effect>& effects) {
  switch (reason) {
    case v1::Stop::CANCELLED:
      if (was_end_ever_told_) return;
      is_cancelled_ = true;
      outbox_.DropUncut();
      AskToStop(StopMode::kDrop, effects);
      if (phase_ != Phase::kRunning) EndAsStopped();
      return;
    case v1::Stop::PRUNED:
      // A queued one runs briefly when its slot is free, to turn its checkpoint into a model.
      return AskToStop(StopMode::kKeepModel, effects);
    case v1::Stop::PAUSED:
      return Suspend(effects);
    default:
      effects.emplace_back(
          LogLine{LogLine::Level::kWarning,
                  absl::StrCat(runtime::ToString(key_), ": ignoring a Stop of unknown reason ",
                               static_cast<int>(reason))});
  }
}

void HeldAttempt::Suspend(std::vector<Effect>& effects) {
  AskToStop(StopMode::kCheckpoint, effects);
  if (phase_ == Phase::kQueued) EndAsHandBack();
}

void HeldAttempt::SuspendNow(std::vector<Effect>& effects) {
  AskToStop(StopMode::kCheckpointNow, effects);
  if (phase_ == Phase::kQueued) EndAsHandBack();
}

void HeldAttempt::HandBackNow(std::vector<Effect>& effects) {
  AskToStop(StopMode::kDrop, effects);
  if (phase_ == Phase::kQueued) EndAsHandBack();
}

void HeldAttempt::GiveUpUploads() {
  if (phase_ != Phase::kEnded || was_end_ever_told_ || !waits_for_upload()) return;
  EndAsHandBack();
  checkpoint_.reset();
  next_checkpoint_.reset();
}

void HeldAttempt::EndAsStopped() {
  phase_ = Phase::kEnded;
  end_.emplace().mutable_finished()->set_outcome(v1::AttemptFinished::STOPPED);
  checkpoint_.reset();
  next_checkpoint_.reset();
  model_.reset();
}

void HeldAttempt::EndAsHandBack() {
  phase_ = Phase::kEnded;
  end_.emplace().mutable_hand_back();
  model_.reset();
  outbox_.Flush();
}

void HeldAttempt::Measured(const EpochMeasured& measured) {
  // Cancelled: nobody wants it. Cleared: its predecessors are gone.
  if (stop_ == StopMode::kDrop) return;
  outbox_.Append(measured.epoch, measured.metrics, measured.values);
  // The runner waits for an answer to this one.
  if (measured.epoch >= until_epoch_) outbox_.Flush();
}

void HeldAttempt::CheckpointReady(const CheckpointMade& made) {
  if (stop_ == StopMode::kDrop) return;
  Upload upload{made.artifact, made.epoch};
  std::optional<Upload>& place =
      checkpoint_ && checkpoint_->in_flight ? next_checkpoint_ : checkpoint_;
  place = std::move(upload);
}

void HeldAttempt::Trained() {
  is_trained_ = true;
  outbox_.Flush();
}

void HeldAttempt::Ended(const AttemptResult& result) {
  CAVIAR_CHECK(phase_ == Phase::kRunning);
  if (is_cancelled_) return EndAsStopped();
  // The rows of a dropped attempt are gone (Confirm), whatever end its runner came to meanwhile.
  if (stop_ == StopMode::kDrop) return EndAsHandBack();
  switch (result.end) {
    case AttemptResult::End::kDropped:
    case AttemptResult::End::kSuspended:
      return EndAsHandBack();
    case AttemptResult::End::kCannotHere:
      EndAsHandBack();
      return end_->mutable_hand_back()->set_reason(result.reason);
    case AttemptResult::End::kCompleted:
    case AttemptResult::End::kInfeasible:
    case AttemptResult::End::kFailed:
    case AttemptResult::End::kStopped:
      break;
  }
  phase_ = Phase::kEnded;
  checkpoint_.reset();
  next_checkpoint_.reset();
  outbox_.Flush();
  v1::AttemptFinished& finished = *end_.emplace().mutable_finished();
  switch (result.end) {
    case AttemptResult::End::kCompleted:
      finished.set_outcome(v1::AttemptFinished::COMPLETED);
      break;
    case AttemptResult::End::kInfeasible:
      finished.set_outcome(v1::AttemptFinished::INFEASIBLE);
      break;
    case AttemptResult::End::kStopped:
      finished.set_outcome(v1::AttemptFinished::STOPPED);
      break;
    default:
      finished.set_outcome(v1::AttemptFinished::FAILED);
  }
  finished.set_reason(result.reason);
  for (const auto& [name, value] : result.final_metrics) {
    (*finished.mutable_final_metrics())[name] = value;
  }
  if (result.model) {
    finished.set_model_digest(result.model->digest);
    model_ = Upload{*result.model};
  }
}

HeldAttempt::Upload* HeldAttempt::FindUpload(const std::string& digest) {
  for (std::optional<Upload>* upload : {&model_, &checkpoint_}) {
    if (*upload && (*upload)->in_flight && (*upload)->artifact.digest == digest) return &**upload;
  }
  return nullptr;
}

void HeldAttempt::Uploaded(const std::string& digest) {
  const Upload* const upload = FindUpload(digest);
  if (upload == nullptr) return;  // of something that is not wanted any more
  if (model_ && upload == &*model_) {
    model_.reset();
    return;
  }
  v1::CheckpointSaved& saved = saved_checkpoint_.emplace();
  *saved.mutable_id() = assign_.id();
  saved.set_epoch(checkpoint_->epoch);
  saved.set_digest(digest);
  is_checkpoint_told_ = false;
  checkpoint_ = std::exchange(next_checkpoint_, std::nullopt);
}

void HeldAttempt::UploadBroke(const UploadFailed& failed, absl::Time now,
                              std::vector<Effect>& effects) {
  Upload* const upload = FindUpload(failed.digest);
  if (upload == nullptr) return;
  const bool is_model = model_ && upload == &*model_;
  const bool is_hopeless = IsHopeless(failed.why);
  effects.emplace_back(LogLine{
      LogLine::Level::kWarning,
      absl::StrCat(runtime::ToString(key_), ": cannot upload its ",
                   is_model ? "model: " : "checkpoint: ", failed.why.ToString(),
                   !is_hopeless ? "; trying again"
                   : is_model   ? ""
                                : "; going on without: what it trains since the last one is lost "
                                  "with this worker")});
  if (!is_hopeless) {
    absl::Duration delay = kUploadRetryFirst;
    for (int i = 0; i < upload->failures && delay < kUploadRetryLast; ++i) delay *= 2;
    ++upload->failures;
    upload->in_flight = false;
    upload->not_before = now + std::min(delay, kUploadRetryLast);
    return;
  }
  if (is_model) {
    model_.reset();
    v1::AttemptFinished& finished = *end_->mutable_finished();
    finished.set_outcome(v1::AttemptFinished::FAILED);
    finished.set_reason(absl::StrCat("the model was refused: ", failed.why.ToString()));
    finished.clear_model_digest();
  } else {
    checkpoint_ = std::exchange(next_checkpoint_, std::nullopt);
  }
}

bool HeldAttempt::waits_for_upload() const { return model_.has_value() || checkpoint_.has_value(); }

void HeldAttempt::PumpUpload(std::optional<Upload>& upload, absl::Time now,
                             std::vector<Effect>& effects) {
  if (!upload || upload->in_flight || now < upload->not_before) return;
  // A newer one came while this one waited for its next try.
  if (&upload == &checkpoint_ && next_checkpoint_) {
    upload = std::exchange(next_checkpoint_, std::nullopt);
  }
  upload->in_flight = true;
  effects.emplace_back(UploadArtifact{key_, upload->artifact});
}

void HeldAttempt::SendEnd(uint64_t link, std::vector<Effect>& effects) {
  if (end_->has_finished()) {
    *end_->mutable_finished()->mutable_id() = assign_.id();
    end_->mutable_finished()->set_final_sequence(outbox_.last_sequence());
  } else {
    *end_->mutable_hand_back()->mutable_id() = assign_.id();
    end_->mutable_hand_back()->set_final_sequence(outbox_.last_sequence());
  }
  Send(link, *end_, effects);
  is_end_told_ = was_end_ever_told_ = true;
}

void HeldAttempt::Pump(absl::Time now, uint64_t link, std::vector<Effect>& effects) {
  if (now >= resend_at_) Rewind();
  const size_t sends_before = effects.size();
  for (v1::MeasurementBatch& batch : outbox_.Take(now)) {
    v1::WorkerMessage message;
    *message.mutable_measurements() = std::move(batch);
    Send(link, std::move(message), effects);
  }
  const bool can_end = end_ && outbox_.all_sent() && !waits_for_upload();
  // The end says it too.
  if (is_trained_ && !is_trained_told_ && outbox_.all_sent() && !can_end) {
    v1::WorkerMessage message;
    *message.mutable_trained()->mutable_id() = assign_.id();
    Send(link, std::move(message), effects);
    is_trained_told_ = true;
  }
  if (saved_checkpoint_ && !is_checkpoint_told_) {
    v1::WorkerMessage message;
    *message.mutable_checkpoint_saved() = *saved_checkpoint_;
    Send(link, std::move(message), effects);
    is_checkpoint_told_ = true;
  }
  if (can_end && !is_end_told_) SendEnd(link, effects);
  if (effects.size() > sends_before) resend_at_ = now + kResendAfter;
  if (!outbox_.has_unacknowledged() && !is_end_told_) resend_at_ = absl::InfiniteFuture();
  PumpUpload(model_, now, effects);
  PumpUpload(checkpoint_, now, effects);
}

absl::Time HeldAttempt::next_pump() const {
  absl::Time next = std::min(outbox_.next_take(), resend_at_);
  for (const std::optional<Upload>* upload : {&model_, &checkpoint_}) {
    if (*upload && !(*upload)->in_flight) next = std::min(next, (*upload)->not_before);
  }
  return next;
}

}  // namespace caviar::session
