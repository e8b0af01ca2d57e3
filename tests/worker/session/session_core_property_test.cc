// The session core against a naive coordinator over a network that drops, repeats and breaks, and
// a trainer that is only numbers. Whatever happens: what the coordinator holds durable is each
// trial's epochs 1, 2, 3 … without gap or duplicate, nothing is trained past a grant, nothing is
// said for an attempt whose lease could be over, and once the network heals every trial ends. Also
// when the coordinator now and then loses a batch that it acknowledged.
//
// A failing seed is printed; run it alone with --gtest_filter and CAVIAR_SEED=n.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/random/rng.h"
#include "worker/session/session_core.h"

namespace caviar::session {
namespace {

using runtime::AttemptKey;
using runtime::StopMode;
using End = runtime::AttemptResult::End;

constexpr uint32_t kSlots = 2;
constexpr uint32_t kTrials = 6;
constexpr uint32_t kEpochs = 12;
constexpr absl::Duration kLease = absl::Seconds(20);

// One trial as the naive coordinator keeps it. Everything here counts as durable at once.
struct NaiveTrial {
  enum class State { kPending, kRunning, kFinished };
  State state = State::kPending;
  uint32_t attempt = 0;
  uint32_t last_sequence = 0;        // of the attempt
  std::vector<std::string> batches;  // of the attempt, as bytes
  std::vector<uint32_t> curve;       // epochs
  uint32_t until_epoch = 0;
  uint32_t checkpoint_epoch = 0;
  uint32_t pending_checkpoint_epoch = 0;
  bool has_lost_rows = false;  // of the attempt, that were acknowledged
  int finishes = 0;
};

// What runs in a slot.
struct NaiveRun {
  v1::Assign assign;
  uint32_t epoch = 0;
  uint32_t limit = 0;
  StopMode stop = StopMode::kNone;
  bool is_finishing = false;  // tests its model, and hears no stop any more
};

class World {
 public:
  explicit World(uint64_t seed) : rng_(seed), core_(MakeOptions(seed)) {}

  void Run() {
    for (int i = 0; i < 3000 && !::testing::Test::HasFailure(); ++i) Turn();
    // Healed: the network carries everything from a new session on.
    heals_ = true;
    BreakLink();
    for (int i = 0; i < 20000 && !::testing::Test::HasFailure() && !IsDone(); ++i) Turn();
    EXPECT_TRUE(IsDone()) << "stuck after healing";
    for (const auto& [number, trial] : trials_) {
      EXPECT_EQ(trial.finishes, 1) << "trial " << number;
      EXPECT_EQ(trial.curve.size(), kEpochs) << "trial " << number;
    }
  }

 private:
  static SessionOptions MakeOptions(uint64_t seed) {
    SessionOptions options;
    options.worker_id = "w";
    options.slots = kSlots;
    options.seed = seed;
    return options;
  }
  bool Chance(double probability) { return !heals_ && rng_.Uniform() < probability; }
  bool IsDone() const {
    for (const auto& [number, trial] : trials_) {
      if (trial.state != NaiveTrial::State::kFinished) return false;
    }
    return trials_.size() == kTrials;
  }

  // One thing happens somewhere.
  void Turn() {
    switch (rng_.UniformInt(8)) {
      case 0:
        return PassTime();
      case 1:
      case 2:
        return TrainSomething();
      case 3:
      case 4:
        return DeliverToCoordinator();
      case 5:
      case 6:
        return DeliverToWorker();
      default:
        if (Chance(0.02)) return BreakLink();
        if (rng_.Uniform() < 0.5) return FinishUpload();
        return CoordinatorActs();
    }
  }

  void PassTime() {
    absl::Duration step = absl::Milliseconds(rng_.UniformInt(400));
    if (Chance(0.01)) step = absl::Seconds(rng_.UniformInt(100));  // everything stood still
    now_ += step;
    // A silent worker loses its attempts.
    if (now_ - heard_at_ >= kLease) {
      for (auto& [number, trial] : trials_) Lose(trial);
      is_registered_ = false;
    }
    Step(Tick{});
  }

  // ---- The trainer ----

  void TrainSomething() {
    if (runs_.empty()) return;
    auto run = runs_.begin();
    std::advance(run, rng_.UniformInt(runs_.size()));
    const AttemptKey key = run->first;
    NaiveRun& state = run->second;
    if (state.is_finishing) {  // for about as long as a reconnect takes
      if (rng_.Uniform() < 0.2) EndRun(key, End::kCompleted);
      return;
    }
    if (state.stop == StopMode::kDrop) return EndRun(key, End::kDropped);
    if (state.stop == StopMode::kKeepModel) return EndRun(key, End::kStopped);
    if (state.stop != StopMode::kNone) {
      SaveCheckpoint(key, state.epoch);
      return EndRun(key, End::kSuspended);
    }
    if (state.epoch >= state.limit) return;
    ++state.epoch;
    const uint32_t epoch = state.epoch;
    state.is_finishing = epoch == state.assign.epochs();
    const bool has_checkpoint = !state.is_finishing && rng_.Uniform() < 0.2;
    Step(EpochMeasured{key, epoch, {"loss"}, {1.0 / epoch}});
    if (has_checkpoint) SaveCheckpoint(key, epoch);
  }
  void EndRun(const AttemptKey& key, End end) {
    runs_.erase(key);
    runtime::AttemptResult result;
    result.end = end;
    if (end == End::kCompleted || end == End::kStopped) result.model = MakeArtifact("model");
    Step(AttemptEnded{key, result});
  }
  void SaveCheckpoint(const AttemptKey& key, uint32_t epoch) {
    Step(CheckpointMade{key, epoch, MakeArtifact(absl::StrCat(key.trial, " ", epoch))});
  }
  static runtime::Artifact MakeArtifact(const std::string& bytes) {
    return {Sha256Hex(bytes), std::make_shared<const std::string>(bytes)};
  }
  void FinishUpload() {
    if (uploads_.empty()) return;
    const UploadArtifact upload = uploads_.front();
    uploads_.pop_front();
    if (Chance(0.3)) {
      return Step(
          UploadFailed{upload.attempt, upload.artifact.digest, absl::UnavailableError("broke")});
    }
    Step(ArtifactUploaded{upload.attempt, upload.artifact.digest});
  }

  // ---- The network ----

  void BreakLink() {
    to_coordinator_.clear();
    to_worker_.clear();
    is_registered_ = false;
    Step(LinkLost{link_, absl::UnavailableError("broke")});
  }
  void DeliverToCoordinator() {
    if (to_coordinator_.empty()) return;
    const v1::WorkerMessage message = to_coordinator_.front();
    if (!Chance(0.05)) to_coordinator_.pop_front();  // else it comes again
    if (Chance(0.05)) return;                        // lost
    CoordinatorHears(message);
  }
  void DeliverToWorker() {
    if (to_worker_.empty()) return;
    const v1::CoordinatorMessage message = to_worker_.front();
    // An Assign comes at most once: a worker would take a late second one for a new attempt.
    if (message.has_assign() || !Chance(0.05)) to_worker_.pop_front();
    if (Chance(0.05)) return;
    if (message.has_heartbeat_ack()) {
      const auto sent = heartbeats_.find(message.heartbeat_ack().number());
      if (sent != heartbeats_.end()) confirmed_ = std::max(confirmed_, sent->second);
    }
    if (message.has_registered()) confirmed_ = std::max(confirmed_, register_sent_);
    Step(MessageReceived{link_, message});
  }

  // ---- The naive coordinator ----

  void Lose(NaiveTrial& trial) {
    if (trial.state != NaiveTrial::State::kRunning) return;
    trial.state = NaiveTrial::State::kPending;
  }
  void Reply(v1::CoordinatorMessage message) { to_worker_.push_back(std::move(message)); }

  void CoordinatorActs() {
    if (!is_registered_) return;
    uint32_t running = 0;
    for (auto& [number, trial] : trials_) running += trial.state == NaiveTrial::State::kRunning;
    for (uint32_t number = 1; number <= kTrials; ++number) {
      NaiveTrial& trial = trials_[number];
      const AttemptKey key{1, number, trial.attempt};
      if (trial.state == NaiveTrial::State::kPending && running < kSlots) {
        return Assign(number, trial);
      }
      if (trial.state != NaiveTrial::State::kRunning) continue;
      if (trial.curve.size() == trial.until_epoch && trial.until_epoch < kEpochs) {
        trial.until_epoch = std::min(kEpochs, trial.until_epoch + 1 + rng_.UniformInt(5));
        v1::CoordinatorMessage message;
        *message.mutable_grant()->mutable_id() = runtime::IdOf(key);
        message.mutable_grant()->set_until_epoch(trial.until_epoch);
        return Reply(message);
      }
      if (Chance(0.05)) {
        v1::CoordinatorMessage message;
        *message.mutable_stop()->mutable_id() = runtime::IdOf(key);
        message.mutable_stop()->set_reason(v1::Stop::PAUSED);
        return Reply(message);
      }
    }
  }
  void Assign(uint32_t number, NaiveTrial& trial) {
    trial.state = NaiveTrial::State::kRunning;
    ++trial.attempt;
    trial.last_sequence = 0;
    trial.has_lost_rows = false;
    trial.batches.clear();
    trial.pending_checkpoint_epoch = 0;
    trial.curve.resize(trial.checkpoint_epoch);
    trial.until_epoch = std::min(kEpochs, trial.checkpoint_epoch + 1 + rng_.UniformInt(5));
    v1::CoordinatorMessage message;
    v1::Assign& assign = *message.mutable_assign();
    *assign.mutable_id() = runtime::IdOf({1, number, trial.attempt});
    assign.set_from_epoch(trial.checkpoint_epoch);
    assign.set_until_epoch(trial.until_epoch);
    assign.set_epochs(kEpochs);
    Reply(message);
  }

  // The trial if the message is of its newest attempt and that runs; else answers it.
  NaiveTrial* Newest(const v1::AttemptId& id) {
    NaiveTrial& trial = trials_[id.trial()];
    if (trial.attempt == id.attempt() && trial.state == NaiveTrial::State::kRunning) return &trial;
    v1::CoordinatorMessage message;
    if (trial.attempt == id.attempt()) {
      *message.mutable_finish_ack()->mutable_id() = id;  // its end is durable: the same answer
    } else {
      *message.mutable_stop()->mutable_id() = id;
      message.mutable_stop()->set_reason(v1::Stop::LOST);
    }
    Reply(message);
    return nullptr;
  }

  void CoordinatorHears(const v1::WorkerMessage& message) {
    heard_at_ = now_;
    if (message.has_register_()) return HearRegister(message.register_());
    if (!is_registered_) return;  // its Register was lost
    if (message.has_heartbeat()) {
      v1::CoordinatorMessage answer;
      answer.mutable_heartbeat_ack()->set_number(message.heartbeat().number());
      return Reply(answer);
    }
    if (message.has_measurements()) return HearMeasurements(message.measurements());
    if (message.has_checkpoint_saved()) {
      if (NaiveTrial* trial = Newest(message.checkpoint_saved().id())) {
        trial->pending_checkpoint_epoch =
            std::max(trial->pending_checkpoint_epoch, message.checkpoint_saved().epoch());
        UseCheckpoint(*trial);
      }
      return;
    }
    const bool is_finished = message.has_finished();
    const v1::AttemptId& id = is_finished ? message.finished().id() : message.hand_back().id();
    NaiveTrial* const trial = Newest(id);
    if (trial == nullptr) return;
    const uint32_t final_sequence =
        is_finished ? message.finished().final_sequence() : message.hand_back().final_sequence();
    if (final_sequence != trial->last_sequence) return AskAgain(id, *trial);
    trial->state = is_finished ? NaiveTrial::State::kFinished : NaiveTrial::State::kPending;
    trial->finishes += is_finished;
    v1::CoordinatorMessage answer;
    *answer.mutable_finish_ack()->mutable_id() = id;
    Reply(answer);
  }
  void UseCheckpoint(NaiveTrial& trial) {
    if (trial.pending_checkpoint_epoch <= trial.curve.size()) {
      trial.checkpoint_epoch = std::max(trial.checkpoint_epoch, trial.pending_checkpoint_epoch);
    }
  }
  // Its store is put back to before the newest batch.
  void LoseNewestBatch(NaiveTrial& trial) {
    if (trial.last_sequence == 0) return;
    v1::MeasurementBatch batch;
    ASSERT_TRUE(batch.ParseFromString(trial.batches.back()));
    trial.has_lost_rows = true;
    trial.batches.pop_back();
    --trial.last_sequence;
    trial.curve.resize(trial.curve.size() - batch.rows_size());
    trial.checkpoint_epoch =
        std::min(trial.checkpoint_epoch, static_cast<uint32_t>(trial.curve.size()));
  }
  void AskAgain(const v1::AttemptId& id, const NaiveTrial& trial) {
    v1::CoordinatorMessage answer;
    *answer.mutable_resend_from()->mutable_id() = id;
    answer.mutable_resend_from()->set_sequence(trial.last_sequence + 1);
    Reply(answer);
  }
  void HearMeasurements(const v1::MeasurementBatch& batch) {
    NaiveTrial* const trial = Newest(batch.id());
    if (trial == nullptr) return;
    if (batch.sequence() > trial->last_sequence + 1) return AskAgain(batch.id(), *trial);
    if (batch.sequence() <= trial->last_sequence) {
      EXPECT_EQ(batch.SerializeAsString(), trial->batches[batch.sequence() - 1])
          << "a batch changed between its sendings";
    } else {
      for (const v1::MeasurementRow& row : batch.rows()) {
        EXPECT_EQ(row.epoch(), trial->curve.size() + 1) << "gap or duplicate";
        EXPECT_LE(row.epoch(), trial->until_epoch) << "trained past the grant";
        trial->curve.push_back(row.epoch());
      }
      trial->batches.push_back(batch.SerializeAsString());
      trial->last_sequence = batch.sequence();
      UseCheckpoint(*trial);
    }
    v1::CoordinatorMessage answer;
    *answer.mutable_ack()->mutable_id() = batch.id();
    answer.mutable_ack()->set_sequence(trial->last_sequence);
    Reply(answer);
  }
  void HearRegister(const v1::Register& registered) {
    is_registered_ = true;
    v1::CoordinatorMessage answer;
    answer.mutable_registered()->set_protocol(1);
    std::set<uint32_t> known;
    for (const v1::RunningAttempt& running : registered.running()) {
      NaiveTrial& trial = trials_[running.id().trial()];
      v1::DesiredAttempt& desired = *answer.mutable_registered()->add_attempts();
      *desired.mutable_id() = running.id();
      const bool is_newest = trial.attempt == running.id().attempt();
      const bool continues = is_newest && trial.state == NaiveTrial::State::kRunning;
      desired.set_state(continues ? v1::DesiredAttempt::CONTINUE : v1::DesiredAttempt::LOST);
      if (!continues) continue;
      EXPECT_TRUE(running.acknowledged_sequence() <= trial.last_sequence || trial.has_lost_rows)
          << "witness of a loss";
      if (Chance(0.3)) LoseNewestBatch(trial);
      desired.set_durable_sequence(trial.last_sequence);
      desired.set_until_epoch(trial.until_epoch);
      known.insert(running.id().trial());
    }
    for (auto& [number, trial] : trials_) {
      if (!known.contains(number)) Lose(trial);
    }
    Reply(answer);
  }

  // ---- The core's effects ----

  void Step(const Event& event) {
    Effects step = core_.Step(now_, event);
    for (Effect& effect : step.effects) CarryOut(effect);
    EXPECT_LE(runs_.size(), kSlots);
    for (const auto& [key, attempt] : core_.attempts()) {
      EXPECT_LE(attempt.outbox().held_rows(), Outbox::kRowsMax);
    }
  }
  void CarryOut(const Effect& effect) {
    if (const auto* open = std::get_if<OpenLink>(&effect)) {
      link_ = open->link;
      to_coordinator_.clear();
      to_worker_.clear();
      heartbeats_.clear();
      is_registered_ = false;
    } else if (std::get_if<CloseLink>(&effect) != nullptr) {
      to_coordinator_.clear();
      to_worker_.clear();
      is_registered_ = false;
    } else if (const auto* send = std::get_if<SendMessage>(&effect)) {
      Send(*send);
    } else if (const auto* start = std::get_if<StartAttempt>(&effect)) {
      const bool is_new =
          runs_
              .emplace(runtime::KeyOf(start->assign.id()),
                       NaiveRun{start->assign, start->assign.from_epoch(), start->epoch_limit})
              .second;
      EXPECT_TRUE(is_new);
    } else if (const auto* limit = std::get_if<SetEpochLimit>(&effect)) {
      if (const auto run = runs_.find(limit->attempt); run != runs_.end()) {
        run->second.limit = limit->epoch_limit;
      }
    } else if (const auto* stop = std::get_if<StopAttempt>(&effect)) {
      if (const auto run = runs_.find(stop->attempt); run != runs_.end()) {
        run->second.stop = std::max(run->second.stop, stop->mode);
      }
    } else if (const auto* upload = std::get_if<UploadArtifact>(&effect)) {
      uploads_.push_back(*upload);
    }
  }
  void Send(const SendMessage& send) {
    EXPECT_EQ(send.link, link_);
    if (send.message.has_register_()) {
      register_sent_ = now_;
    } else if (send.message.has_heartbeat()) {
      heartbeats_[send.message.heartbeat().number()] = now_;
    } else {
      EXPECT_LT(now_, confirmed_ + kLease) << "spoke for an attempt past its lease";
    }
    to_coordinator_.push_back(send.message);
  }

  Rng rng_;
  SessionCore core_;
  absl::Time now_ = absl::FromUnixSeconds(1000);
  bool heals_ = false;
  uint64_t link_ = 0;
  std::deque<v1::WorkerMessage> to_coordinator_;
  std::deque<v1::CoordinatorMessage> to_worker_;
  std::map<AttemptKey, NaiveRun> runs_;
  std::deque<UploadArtifact> uploads_;
  // What the worker may know of its lease.
  absl::Time register_sent_ = absl::InfinitePast();
  absl::Time confirmed_ = absl::InfinitePast();
  std::map<uint32_t, absl::Time> heartbeats_;
  // The coordinator.
  bool is_registered_ = false;
  absl::Time heard_at_ = absl::InfinitePast();
  std::map<uint32_t, NaiveTrial> trials_;
};

TEST(SessionCorePropertyTest, DurableCurvesHaveNoGapOrDuplicateAndEveryTrialEnds) {
  uint64_t first = 1, count = 300;
  if (const char* const seed = getenv("CAVIAR_SEED")) {
    ASSERT_TRUE(absl::SimpleAtoi(seed, &first));
    count = 1;
  }
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(absl::StrCat("CAVIAR_SEED=", seed));
    World(seed).Run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace caviar::session
