// The worker's side of the session protocol (docs/protocol.md): one pure state machine that is told
// what happened and says what to do. It owns every rule; the shell around it only carries bytes.
//
//   disconnected --OpenLink+Register--> registering --Registered--> connected
//        ^------ link lost, fenced, GoAway, no answer in time -----------'
//   A drain may begin in any of them and ends in `exited`.
//
// What is said about attempts is only ever said in `connected`, which ends 2 s before the lease
// could: a worker that was cut off cannot write for an attempt that is somebody else's by then,
// until a new Register has confirmed it.
//
// Threads:     thread-compatible; one owner calls Step.
// Determinism: equal options and equal calls of Step give equal effects.
#ifndef CAVIAR_WORKER_SESSION_SESSION_CORE_H_
#define CAVIAR_WORKER_SESSION_SESSION_CORE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "caviar/v1/worker_service.pb.h"
#include "common/random/rng.h"
#include "worker/runtime/attempt.h"
#include "worker/session/backoff.h"
#include "worker/session/held_attempt.h"
#include "worker/session/lease.h"
#include "worker/session/session_effects.h"
#include "worker/session/session_events.h"

namespace caviar::session {

// Versions of worker_service.proto that this worker speaks.
inline constexpr uint32_t kProtocolMin = 1;
inline constexpr uint32_t kProtocolMax = 1;

struct SessionOptions {
  std::string coordinator;   // its address, for log lines only
  std::string worker_id;     // kept in the cache directory
  uint32_t incarnation = 0;  // larger at each start of the process
  std::string name;          // a label
  uint32_t slots = 1;        // > 0
  std::string hardware;      // CPU and BLAS core, for people
  std::string version;
  uint64_t seed = 0;  // of the reconnect jitter; different in each process
};

class SessionCore {
 public:
  enum class State { kDisconnected, kRegistering, kConnected, kExited };

  // From opening a link to Registered.
  static constexpr absl::Duration kRegisterTimeout = absl::Seconds(10);
  // Fenced attempts train on this much longer, into their bounded outboxes, in the hope of a
  // reconnect; then they make a checkpoint and stop, so that the slot is not burnt for nothing.
  static constexpr absl::Duration kTrainOnWhenFenced = absl::Seconds(60);
  // A drain: epochs may end until kDrainCut; uploads until kDrainUploads; then the process ends.
  static constexpr absl::Duration kDrainCut = absl::Seconds(12);
  static constexpr absl::Duration kDrainUploads = absl::Seconds(17);
  static constexpr absl::Duration kDrainEnd = absl::Seconds(20);
  // A drain has no time for the usual back-off.
  static constexpr absl::Duration kDrainReconnect = absl::Seconds(1);
  // "Cannot connect" is said at most this often.
  static constexpr absl::Duration kComplainEvery = absl::Seconds(10);
  // Added to GoAway's wait, times a uniform number, so that workers do not return together.
  static constexpr absl::Duration kGoAwayJitter = absl::Seconds(1);

  explicit SessionCore(SessionOptions options);

  // Expires what is due at `now`, then applies the event. Requires: `now` never goes backwards.
  Effects Step(absl::Time now, const Event& event);

  State state() const { return state_; }
  bool is_draining() const { return drain_started_.has_value(); }
  // Held attempts, and slots in use by running ones (forgotten ones that are still stopping
  // included). For tests and status lines.
  const std::map<runtime::AttemptKey, HeldAttempt>& attempts() const { return attempts_; }
  uint32_t busy_slots() const;

 private:
  void Expire(absl::Time now);
  void ExpireDrain(absl::Time now);
  void Apply(absl::Time now, const MessageReceived& event);
  void Apply(absl::Time now, const LinkLost& event);
  void Apply(absl::Time now, const DrainRequested& event);
  void Apply(const AttemptEnded& event);
  void ApplyMessage(absl::Time now, const v1::CoordinatorMessage& message);

  void OpenLinkAndRegister(absl::Time now);
  void CloseLinkBecause(absl::Time now, absl::string_view why);
  void Disconnected(absl::Time now, absl::string_view why);
  void OnRegistered(absl::Time now, const v1::Registered& registered);
  void Heal(absl::Time now, const v1::Registered& registered);
  void OnAssign(const v1::Assign& assign);
  void OnGoAway(absl::Time now, const v1::GoAway& go_away);
  void StartQueued();
  void Forget(const runtime::AttemptKey& key);
  void Finish(absl::Time now);
  absl::Time NextDeadline() const;

  HeldAttempt* Find(const v1::AttemptId& id);
  HeldAttempt* Find(const runtime::AttemptKey& key);
  void Send(v1::WorkerMessage message);
  void Log(LogLine::Level level, std::string text);

  const SessionOptions options_;
  Rng rng_;
  State state_ = State::kDisconnected;
  uint64_t link_ = 0;
  absl::Time connect_at_ = absl::InfinitePast();
  absl::Time register_sent_ = absl::InfinitePast();
  absl::Time connected_since_ = absl::InfiniteFuture();
  absl::Time complained_at_ = absl::InfinitePast();
  Backoff backoff_;
  Lease lease_;
  bool is_suspended_ = false;  // trained on long enough while fenced
  std::optional<absl::Time> drain_started_;
  bool is_drain_cut_ = false;
  bool is_uploading_over_ = false;

  std::map<runtime::AttemptKey, HeldAttempt> attempts_;
  std::deque<runtime::AttemptKey> queue_;    // waiting for a slot, in order of their Assign
  std::set<runtime::AttemptKey> forgotten_;  // told to drop; their slot is not free yet
  std::vector<Effect> effects_;              // of the running Step
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_SESSION_CORE_H_
