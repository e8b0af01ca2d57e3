// Drives one Engine by hand over a MemoryStore: a test says what happens, each step is committed,
// and the test looks at what was sent and what is durable.
#ifndef CAVIAR_TESTS_COORDINATOR_ENGINE_ENGINE_HARNESS_H_
#define CAVIAR_TESTS_COORDINATOR_ENGINE_ENGINE_HARNESS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/digest/sha256.h"
#include "coordinator/engine/engine.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/queries.h"
#include "coordinator/store/memory_store.h"
#include "tests/coordinator/engine/parses_back.h"

namespace caviar::engine {

inline std::string Digest(absl::string_view name) { return Sha256Hex(name); }

class EngineHarness {
 public:
  explicit EngineHarness(const EngineOptions& options = {}) : options_(options), engine_(options) {
    EXPECT_TRUE(AddDataset("letters").ok());
  }

  // ---- What happens ----

  Effects Step(const Event& event) {
    Effects effects = StepOnce(event);
    while (thinks_at_once_ && !thoughts_.empty()) {
      Effects more = StepOnce(TakeThought());
      effects.writes.insert(effects.writes.end(), more.writes.begin(), more.writes.end());
      effects.sends.insert(effects.sends.end(), more.sends.begin(), more.sends.end());
      effects.next_deadline = more.next_deadline;
    }
    last_ = effects;
    return effects;
  }
  // From now on thoughts wait until the test takes and steps them.
  void ThinkByHand() { thinks_at_once_ = false; }
  size_t thoughts() const { return thoughts_.size(); }
  // The event that the oldest thought comes to.
  Event TakeThought() {
    const Think think = std::move(thoughts_.front());
    thoughts_.pop_front();
    return think.work();
  }
  Effects StepOnce(const Event& event) {
    Effects effects = engine_.Step(now_, event);
    store::MemoryStore store(disk_);
    EXPECT_TRUE(store.Commit(effects.writes).ok());
    for (const Write& write : effects.writes) EXPECT_TRUE(ParsesBack(write));
    for (const Send& send : effects.sends) {
      if (const auto* tell = std::get_if<TellWorker>(&send)) {
        if (tell->message.has_assign()) assigns_[tell->session].push_back(tell->message.assign());
      }
      if (const auto* think = std::get_if<Think>(&send)) thoughts_.push_back(*think);
    }
    return effects;
  }
  void Pass(absl::Duration duration) { now_ += duration; }
  // Lets time pass with a step at its end.
  void Tick(absl::Duration duration) {
    Pass(duration);
    Step(TimePassed{});
  }
  // A crash between two commits: only what is durable remains.
  void Restart() {
    store::MemoryStore store(disk_);
    absl::StatusOr<Engine> restored = Engine::Restore(options_, store.Load().value(), now_);
    ASSERT_TRUE(restored.ok()) << restored.status();
    engine_ = *std::move(restored);
    assigns_.clear();
    thoughts_.clear();
  }

  // ---- Users ----

  template <typename Request>
  absl::StatusOr<v1::Job> Ask(Request request) {
    UserAsked asked;
    asked.request = RequestId{++requests_};
    asked.random_seed = 77;
    asked.ask = std::move(request);
    return JobReply(Step(asked));
  }
  absl::StatusOr<v1::Job> Submit(const v1::JobSpec& spec, const std::string& request_id = "") {
    v1::SubmitJobRequest request;
    *request.mutable_spec() = spec;
    request.set_request_id(request_id);
    return Ask(request);
  }
  // Submits and expects that to work.
  uint32_t MustSubmit(const v1::JobSpec& spec) {
    const absl::StatusOr<v1::Job> job = Submit(spec);
    EXPECT_TRUE(job.ok()) << job.status();
    return job.ok() ? job->id() : 0;
  }
  template <typename Request>
  absl::StatusOr<v1::Job> AskAbout(uint32_t job) {
    Request request;
    request.set_job(absl::StrCat(job));
    return Ask(request);
  }
  absl::StatusOr<v1::Job> Extend(uint32_t job, int trials, const std::string& request_id = "") {
    v1::ExtendJobRequest request;
    request.set_job(absl::StrCat(job));
    request.set_trials(trials);
    request.set_request_id(request_id);
    return Ask(request);
  }
  absl::StatusOr<v1::Trial> Adjust(uint32_t job, const v1::AdjustTrialRequest& change,
                                   uint32_t trial = 1) {
    UserAsked asked;
    asked.request = RequestId{++requests_};
    v1::AdjustTrialRequest request = change;
    request.set_job(absl::StrCat(job));
    request.set_trial(trial);
    asked.ask = request;
    const Reply reply = FirstReply(Step(asked));
    if (!reply.answer.ok()) return reply.answer.status();
    return std::get<v1::Trial>(*reply.answer);
  }
  absl::Status AddDataset(const std::string& name, const std::string& content = "",
                          bool reuse = false) {
    DatasetImported imported;
    imported.request = RequestId{++requests_};
    imported.dataset.set_name(name);
    imported.dataset.set_digest(Digest(absl::StrCat("data", content)));
    imported.dataset.mutable_train()->set_rows(1000);
    imported.dataset.mutable_validation()->set_rows(100);
    imported.dataset.mutable_preprocessing()->set_features(4);
    imported.dataset.mutable_preprocessing()->add_classes("a");
    imported.dataset.mutable_preprocessing()->add_classes("b");
    imported.reuse_identical = reuse;
    return FirstReply(Step(imported)).answer.status();
  }

  // ---- Workers ----

  SessionId Connect(const std::string& worker, uint32_t slots = 1, uint32_t incarnation = 1,
                    const std::vector<v1::RunningAttempt>& running = {}) {
    const SessionId session{++sessions_};
    v1::WorkerMessage message;
    v1::Register& registration = *message.mutable_register_();
    registration.set_protocol_min(1);
    registration.set_protocol_max(1);
    registration.set_worker_id(worker);
    registration.set_incarnation(incarnation);
    registration.set_name(absl::StrCat(worker, ".name"));
    registration.set_slots(slots);
    for (const v1::RunningAttempt& attempt : running) *registration.add_running() = attempt;
    Say(session, message);
    return session;
  }
  Effects Say(SessionId session, const v1::WorkerMessage& message) {
    return Step(WorkerSaid{session, message});
  }
  Effects Heartbeat(SessionId session) {
    v1::WorkerMessage message;
    message.mutable_heartbeat()->set_number(++heartbeats_);
    return Say(session, message);
  }
  // Batch `sequence` with epochs first .. first + values.size() - 1 of validation_accuracy.
  Effects Measure(SessionId session, const v1::AttemptId& id, uint32_t sequence, uint32_t first,
                  const std::vector<double>& values) {
    v1::WorkerMessage message;
    v1::MeasurementBatch& batch = *message.mutable_measurements();
    *batch.mutable_id() = id;
    batch.set_sequence(sequence);
    batch.add_metrics("validation_accuracy");
    batch.add_metrics("seconds");
    for (const double value : values) {
      v1::MeasurementRow& row = *batch.add_rows();
      row.set_epoch(first++);
      row.add_values(value);
      row.add_values(0.5);
    }
    return Say(session, message);
  }
  Effects Checkpoint(SessionId session, const v1::AttemptId& id, uint32_t epoch,
                     absl::string_view content) {
    v1::WorkerMessage message;
    *message.mutable_checkpoint_saved()->mutable_id() = id;
    message.mutable_checkpoint_saved()->set_epoch(epoch);
    message.mutable_checkpoint_saved()->set_digest(Digest(content));
    return Say(session, message);
  }
  Effects Trained(SessionId session, const v1::AttemptId& id) {
    v1::WorkerMessage message;
    *message.mutable_trained()->mutable_id() = id;
    return Say(session, message);
  }
  Effects Finish(SessionId session, const v1::AttemptId& id, uint32_t final_sequence,
                 v1::AttemptFinished::Outcome outcome = v1::AttemptFinished::COMPLETED,
                 absl::string_view model = "", const std::string& reason = "") {
    v1::WorkerMessage message;
    v1::AttemptFinished& finished = *message.mutable_finished();
    *finished.mutable_id() = id;
    finished.set_outcome(outcome);
    finished.set_final_sequence(final_sequence);
    finished.set_reason(reason);
    if (!model.empty()) {
      finished.set_model_digest(Digest(model));
      (*finished.mutable_final_metrics())["test_accuracy"] = 0.5;
      (*finished.mutable_final_metrics())["test_loss"] = 1.5;
    }
    return Say(session, message);
  }
  // With a reason it says that the worker cannot run the trial.
  Effects HandBack(SessionId session, const v1::AttemptId& id, uint32_t final_sequence,
                   const std::string& reason = "") {
    v1::WorkerMessage message;
    *message.mutable_hand_back()->mutable_id() = id;
    message.mutable_hand_back()->set_final_sequence(final_sequence);
    message.mutable_hand_back()->set_reason(reason);
    return Say(session, message);
  }
  Effects Drain(SessionId session) {
    v1::WorkerMessage message;
    message.mutable_draining();
    return Say(session, message);
  }
  // Trains all of an assignment in one batch and finishes it.
  void Complete(SessionId session, const v1::Assign& assign, double value) {
    const std::vector<double> values(assign.until_epoch() - assign.from_epoch(), value);
    Measure(session, assign.id(), 1, assign.from_epoch() + 1, values);
    Finish(session, assign.id(), 1, v1::AttemptFinished::COMPLETED,
           absl::StrCat("model", assign.id().job(), ".", assign.id().trial()));
  }
  // The Assigns of a session that no call has taken yet.
  std::vector<v1::Assign> TakeAssigns(SessionId session) {
    return std::exchange(assigns_[session], {});
  }
  // Takes the one there must be.
  v1::Assign TakeAssign(SessionId session) {
    const std::vector<v1::Assign> assigns = TakeAssigns(session);
    EXPECT_EQ(assigns.size(), 1u);
    return assigns.empty() ? v1::Assign() : assigns.front();
  }
  // Everything every worker is given, finished at once, until nothing more is assigned.
  void CompleteAll(SessionId session, double value = 0.5) {
    for (std::vector<v1::Assign> assigns = TakeAssigns(session); !assigns.empty();
         assigns = TakeAssigns(session)) {
      for (const v1::Assign& assign : assigns) Complete(session, assign, value);
    }
  }

  // ---- What came of it ----

  static const Reply& FirstReply(const Effects& effects) {
    static const Reply kNone{RequestId{0}, absl::InternalError("no reply")};
    for (const Send& send : effects.sends) {
      if (const auto* reply = std::get_if<Reply>(&send)) return *reply;
    }
    return kNone;
  }
  static absl::StatusOr<v1::Job> JobReply(const Effects& effects) {
    const Reply& reply = FirstReply(effects);
    if (!reply.answer.ok()) return reply.answer.status();
    if (const auto* job = std::get_if<v1::Job>(&*reply.answer)) return *job;
    return v1::Job();
  }
  // Messages of one kind sent to a session in the step.
  static std::vector<v1::CoordinatorMessage> Sent(const Effects& effects, SessionId session,
                                                  v1::CoordinatorMessage::KindCase kind) {
    std::vector<v1::CoordinatorMessage> found;
    for (const Send& send : effects.sends) {
      const auto* tell = std::get_if<TellWorker>(&send);
      if (tell != nullptr && tell->session == session && tell->message.kind_case() == kind) {
        found.push_back(tell->message);
      }
    }
    return found;
  }
  static std::optional<v1::Stop::Reason> StopOf(const Effects& effects, SessionId session) {
    const auto stops = Sent(effects, session, v1::CoordinatorMessage::kStop);
    if (stops.empty()) return std::nullopt;
    return stops.front().stop().reason();
  }
  static std::optional<uint32_t> AckOf(const Effects& effects, SessionId session) {
    const auto acks = Sent(effects, session, v1::CoordinatorMessage::kAck);
    if (acks.empty()) return std::nullopt;
    return acks.front().ack().sequence();
  }
  static std::optional<uint32_t> ResendOf(const Effects& effects, SessionId session) {
    const auto resends = Sent(effects, session, v1::CoordinatorMessage::kResendFrom);
    if (resends.empty()) return std::nullopt;
    return resends.front().resend_from().sequence();
  }
  static bool IsFinishAcked(const Effects& effects, SessionId session) {
    return !Sent(effects, session, v1::CoordinatorMessage::kFinishAck).empty();
  }
  static std::vector<std::string> Released(const Effects& effects) {
    std::vector<std::string> digests;
    for (const Send& send : effects.sends) {
      if (const auto* release = std::get_if<ReleaseArtifact>(&send)) {
        digests.push_back(release->digest);
      }
    }
    return digests;
  }
  // Empty: there was no such warning.
  static std::string BehindOf(const Effects& effects) {
    for (const Send& send : effects.sends) {
      if (const auto* behind = std::get_if<StoreIsBehind>(&send)) return behind->evidence;
    }
    return "";
  }
  static std::optional<absl::StatusCode> CloseOf(const Effects& effects, SessionId session) {
    for (const Send& send : effects.sends) {
      const auto* close = std::get_if<CloseSession>(&send);
      if (close != nullptr && close->session == session) return close->reason.code();
    }
    return std::nullopt;
  }

  v1::TrialRecord Durable(uint32_t job, uint32_t trial) { return disk_.trials[{job, trial}]; }
  v1::Job JobOf(uint32_t job) { return GetJob(engine_.state(), absl::StrCat(job)).value(); }
  v1::Trial TrialOf(uint32_t job, uint32_t trial) {
    v1::GetTrialRequest request;
    request.set_job(absl::StrCat(job));
    request.set_trial(trial);
    return GetTrial(engine_.state(), request).value();
  }

  // ---- Inputs ----

  static v1::JobSpec Spec(int trials = 4, int epochs = 3) {
    v1::JobSpec spec;
    spec.set_name("job");
    spec.set_dataset("letters");
    spec.mutable_budget()->set_trials(trials);
    spec.mutable_budget()->set_epochs(epochs);
    spec.mutable_sampler()->mutable_random();
    (*spec.mutable_space())["learning_rate"].mutable_log()->set_min(1e-4);
    (*spec.mutable_space())["learning_rate"].mutable_log()->set_max(1);
    spec.set_seed(5);
    return spec;
  }
  static v1::RunningAttempt Running(const v1::AttemptId& id, uint32_t acknowledged = 0) {
    v1::RunningAttempt running;
    *running.mutable_id() = id;
    running.set_acknowledged_sequence(acknowledged);
    return running;
  }

  Engine& engine() { return engine_; }
  const EngineState& state() const { return engine_.state(); }
  store::MemoryDisk& disk() { return disk_; }
  const Effects& last() const { return last_; }
  absl::Time now() const { return now_; }

 private:
  EngineOptions options_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  Engine engine_;
  store::MemoryDisk disk_;
  std::map<SessionId, std::vector<v1::Assign>> assigns_;
  std::deque<Think> thoughts_;
  bool thinks_at_once_ = true;
  Effects last_;
  uint64_t requests_ = 0;
  uint64_t sessions_ = 0;
  uint32_t heartbeats_ = 0;
};

}  // namespace caviar::engine

#endif  // CAVIAR_TESTS_COORDINATOR_ENGINE_ENGINE_HARNESS_H_
