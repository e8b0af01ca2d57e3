// Drives one SessionCore by hand: a test says what happens, then looks at the effects of that.
#ifndef CAVIAR_TESTS_WORKER_SESSION_CORE_HARNESS_H_
#define CAVIAR_TESTS_WORKER_SESSION_CORE_HARNESS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/digest/sha256.h"
#include "worker/session/session_core.h"

namespace caviar::session {

inline runtime::AttemptKey Key(uint32_t trial, uint32_t attempt = 1) { return {1, trial, attempt}; }

inline runtime::Artifact MakeArtifact(const std::string& bytes) {
  return {Sha256Hex(bytes), std::make_shared<const std::string>(bytes)};
}

class CoreHarness {
 public:
  explicit CoreHarness(uint32_t slots = 2) : core_(MakeOptions(slots)) {}

  static SessionOptions MakeOptions(uint32_t slots) {
    SessionOptions options;
    options.coordinator = "localhost:1";
    options.worker_id = "w";
    options.incarnation = 3;
    options.name = "box";
    options.slots = slots;
    options.seed = 11;
    return options;
  }

  // ---- What happens ----

  void Step(const Event& event) {
    const Effects step = core_.Step(now_, event);
    effects_ = step.effects;
    next_deadline_ = step.next_deadline;
    for (const Effect& effect : effects_) {
      if (const auto* open = std::get_if<OpenLink>(&effect)) link_ = open->link;
    }
  }
  // Lets time pass, waking the core at each of its deadlines as the shell does; keeps all effects.
  void Pass(absl::Duration duration) {
    std::vector<Effect> all;
    const absl::Time end = now_ + duration;
    for (int guard = 0; guard < 100000; ++guard) {
      now_ = std::min(end, std::max(now_, next_deadline_));
      Step(Tick{});
      all.insert(all.end(), effects_.begin(), effects_.end());
      if (now_ == end && next_deadline_ > end) break;
    }
    effects_ = std::move(all);
  }
  void Receive(v1::CoordinatorMessage message) { Step(MessageReceived{link_, std::move(message)}); }

  // Connects from scratch with the usual lease.
  void Connect() {
    Step(Tick{});
    ReceiveRegistered({});
  }
  void ReceiveRegistered(std::vector<v1::DesiredAttempt> attempts) {
    v1::CoordinatorMessage message;
    v1::Registered& registered = *message.mutable_registered();
    registered.set_protocol(1);
    registered.mutable_heartbeat_interval()->set_seconds(5);
    registered.mutable_lease()->set_seconds(20);
    for (const v1::DesiredAttempt& attempt : attempts) *registered.add_attempts() = attempt;
    Receive(message);
  }
  // Breaks the link and waits until the core registers again.
  void LoseLinkAndReconnect(std::vector<v1::DesiredAttempt> attempts) {
    Step(LinkLost{link_, absl::UnavailableError("gone")});
    const uint64_t old_link = link_;
    for (int i = 0; i < 100 && link_ == old_link; ++i) Pass(absl::Milliseconds(100));
    ReceiveRegistered(std::move(attempts));
  }
  static v1::DesiredAttempt Desired(const runtime::AttemptKey& key, v1::DesiredAttempt::State state,
                                    uint32_t durable, uint32_t until_epoch) {
    v1::DesiredAttempt attempt;
    *attempt.mutable_id() = runtime::IdOf(key);
    attempt.set_state(state);
    attempt.set_durable_sequence(durable);
    attempt.set_until_epoch(until_epoch);
    return attempt;
  }

  void ReceiveAssign(const runtime::AttemptKey& key, uint32_t until_epoch = 5, uint32_t epochs = 20,
                     uint32_t from_epoch = 0) {
    v1::CoordinatorMessage message;
    v1::Assign& assign = *message.mutable_assign();
    *assign.mutable_id() = runtime::IdOf(key);
    assign.set_until_epoch(until_epoch);
    assign.set_epochs(epochs);
    assign.set_from_epoch(from_epoch);
    Receive(message);
  }
  void ReceiveGrant(const runtime::AttemptKey& key, uint32_t until_epoch) {
    v1::CoordinatorMessage message;
    *message.mutable_grant()->mutable_id() = runtime::IdOf(key);
    message.mutable_grant()->set_until_epoch(until_epoch);
    Receive(message);
  }
  void ReceiveStop(const runtime::AttemptKey& key, v1::Stop::Reason reason) {
    v1::CoordinatorMessage message;
    *message.mutable_stop()->mutable_id() = runtime::IdOf(key);
    message.mutable_stop()->set_reason(reason);
    Receive(message);
  }
  void ReceiveAck(const runtime::AttemptKey& key, uint32_t sequence) {
    v1::CoordinatorMessage message;
    *message.mutable_ack()->mutable_id() = runtime::IdOf(key);
    message.mutable_ack()->set_sequence(sequence);
    Receive(message);
  }
  void ReceiveResendFrom(const runtime::AttemptKey& key, uint32_t sequence) {
    v1::CoordinatorMessage message;
    *message.mutable_resend_from()->mutable_id() = runtime::IdOf(key);
    message.mutable_resend_from()->set_sequence(sequence);
    Receive(message);
  }
  void ReceiveFinishAck(const runtime::AttemptKey& key) {
    v1::CoordinatorMessage message;
    *message.mutable_finish_ack()->mutable_id() = runtime::IdOf(key);
    Receive(message);
  }
  void ReceiveHeartbeatAck(uint32_t number) {
    v1::CoordinatorMessage message;
    message.mutable_heartbeat_ack()->set_number(number);
    Receive(message);
  }
  void ReceiveGoAway(absl::Duration after) {
    v1::CoordinatorMessage message;
    message.mutable_go_away()->mutable_reconnect_after()->set_seconds(absl::ToInt64Seconds(after));
    Receive(message);
  }

  void Measure(const runtime::AttemptKey& key, uint32_t epoch) {
    Step(EpochMeasured{key, epoch, {"train_loss"}, {1.0 / epoch}});
  }
  void End(const runtime::AttemptKey& key, runtime::AttemptResult::End end,
           std::optional<runtime::Artifact> model = std::nullopt) {
    runtime::AttemptResult result;
    result.end = end;
    result.model = std::move(model);
    Step(AttemptEnded{key, std::move(result)});
  }

  // ---- What the core did about it ----

  template <typename T>
  std::vector<T> All() const {
    std::vector<T> found;
    for (const Effect& effect : effects_) {
      if (const T* one = std::get_if<T>(&effect)) found.push_back(*one);
    }
    return found;
  }
  std::vector<v1::WorkerMessage> Sent(v1::WorkerMessage::KindCase kind) const {
    std::vector<v1::WorkerMessage> found;
    for (const SendMessage& sent : All<SendMessage>()) {
      if (sent.message.kind_case() == kind) found.push_back(sent.message);
    }
    return found;
  }
  // Sequences of the measurement batches sent.
  std::vector<uint32_t> SentSequences() const {
    std::vector<uint32_t> sequences;
    for (const v1::WorkerMessage& message : Sent(v1::WorkerMessage::kMeasurements)) {
      sequences.push_back(message.measurements().sequence());
    }
    return sequences;
  }
  // The one AttemptFinished sent; aborts the test's expectations by an empty one otherwise.
  v1::AttemptFinished Finished() const {
    const auto sent = Sent(v1::WorkerMessage::kFinished);
    return sent.size() == 1 ? sent[0].finished() : v1::AttemptFinished();
  }
  bool HasHandedBack() const { return Sent(v1::WorkerMessage::kHandBack).size() == 1; }

  SessionCore& core() { return core_; }
  absl::Time now() const { return now_; }
  absl::Time next_deadline() const { return next_deadline_; }
  uint64_t link() const { return link_; }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1000);
  absl::Time next_deadline_ = absl::InfiniteFuture();
  SessionCore core_;
  std::vector<Effect> effects_;
  uint64_t link_ = 0;
};

}  // namespace caviar::session

#endif  // CAVIAR_TESTS_WORKER_SESSION_CORE_HARNESS_H_
