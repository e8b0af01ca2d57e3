// One attempt that this worker holds, from its Assign to its FinishAck: what is still to be told to
// the coordinator about it, and what its runner has been told.
//
// It never waits for anything itself: each method records what happened, and Pump() sends whatever
// may be sent now, always in the order measurements, that all is trained, checkpoint, end. After a
// reconnect or a gap Rewind() makes Pump() repeat what was not acknowledged.
//
// Threads: thread-compatible; belongs to one SessionCore.
#ifndef CAVIAR_WORKER_SESSION_HELD_ATTEMPT_H_
#define CAVIAR_WORKER_SESSION_HELD_ATTEMPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "worker/runtime/attempt.h"
#include "worker/session/outbox.h"
#include "worker/session/session_effects.h"
#include "worker/session/session_events.h"

namespace caviar::session {

class HeldAttempt {
 public:
  enum class Phase { kQueued, kRunning, kEnded };

  // Sent, but not acknowledged within this: repeat. Streams do not lose messages; a coordinator
  // that dropped one in its own trouble might.
  static constexpr absl::Duration kResendAfter = absl::Seconds(10);
  // Between tries to upload, doubling from the first to the last.
  static constexpr absl::Duration kUploadRetryFirst = absl::Milliseconds(500);
  static constexpr absl::Duration kUploadRetryLast = absl::Seconds(30);

  explicit HeldAttempt(v1::Assign assign);

  Phase phase() const { return phase_; }
  // Whether an attempt that comes now has to wait until this one was trained.
  bool needs_slot() const { return phase_ != Phase::kEnded && !is_trained_; }
  const runtime::AttemptKey& key() const { return key_; }
  uint32_t acknowledged_sequence() const { return outbox_.acknowledged_sequence(); }
  const Outbox& outbox() const { return outbox_; }

  // A slot is free. Requires: kQueued.
  void Start(std::vector<Effect>& effects);

  // From the coordinator.
  void Grant(uint32_t until_epoch, std::vector<Effect>& effects);
  void Acknowledge(uint32_t sequence, absl::Time now, std::vector<Effect>& effects);
  void ResendFrom(uint32_t sequence);
  // CANCELLED, PRUNED or PAUSED (LOST never comes here: its owner forgets the attempt).
  void Stop(v1::Stop::Reason reason, std::vector<Effect>& effects);
  // A new session: the coordinator has the curve through durable_sequence and wants the rest.
  void Confirm(uint32_t durable_sequence, absl::Time now, std::vector<Effect>& effects);

  // From the process: end the epoch, checkpoint, hand back.
  void Suspend(std::vector<Effect>& effects);
  // Likewise, but the running epoch is given up.
  void SuspendNow(std::vector<Effect>& effects);
  // Stop at once and hand back what the coordinator has.
  void HandBackNow(std::vector<Effect>& effects);
  // Uploads are not waited for any longer: what depends on one is handed back instead.
  void GiveUpUploads();

  // From the runner.
  void Measured(const EpochMeasured& measured);
  void CheckpointReady(const CheckpointMade& made);
  void Trained();
  void Ended(const runtime::AttemptResult& result);
  void Uploaded(const std::string& digest);
  void UploadBroke(const UploadFailed& failed, absl::Time now, std::vector<Effect>& effects);

  // Sends on `link` all that may be sent now.
  void Pump(absl::Time now, uint64_t link, std::vector<Effect>& effects);
  // When Pump would do something new by itself.
  absl::Time next_pump() const;

 private:
  struct Upload {
    runtime::Artifact artifact;
    uint32_t epoch = 0;  // of a checkpoint
    bool in_flight = false;
    int failures = 0;
    absl::Time not_before = absl::InfinitePast();
  };

  void AskToStop(runtime::StopMode mode, std::vector<Effect>& effects);
  void TellLimit(std::vector<Effect>& effects);
  void EndAsStopped();
  void EndAsHandBack();
  void Rewind();
  void PumpUpload(std::optional<Upload>& upload, absl::Time now, std::vector<Effect>& effects);
  void SendEnd(uint64_t link, std::vector<Effect>& effects);
  bool waits_for_upload() const;
  Upload* FindUpload(const std::string& digest);

  const v1::Assign assign_;
  const runtime::AttemptKey key_;
  Phase phase_ = Phase::kQueued;
  Outbox outbox_;
  uint32_t until_epoch_;     // granted
  uint32_t limit_told_ = 0;  // min(granted, what the outbox can hold), as the runner knows it

  runtime::StopMode stop_ = runtime::StopMode::kNone;
  bool is_cancelled_ = false;
  bool is_trained_ = false;
  bool is_trained_told_ = false;  // on this link

  std::optional<Upload> checkpoint_;       // being uploaded
  std::optional<Upload> next_checkpoint_;  // newer, waits for the one above
  std::optional<Upload> model_;
  std::optional<v1::CheckpointSaved> saved_checkpoint_;
  bool is_checkpoint_told_ = false;

  std::optional<v1::WorkerMessage> end_;
  bool is_end_told_ = false;        // on this link
  bool was_end_ever_told_ = false;  // then its content must not change any more
  absl::Time resend_at_ = absl::InfiniteFuture();
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_HELD_ATTEMPT_H_
