#include "tests/worker/session/naive_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/worker/session/core_harness.h"

namespace caviar::session {

void NaiveWorld::Run() {
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

SessionOptions NaiveWorld::MakeOptions(uint64_t seed) {
  SessionOptions options;
  options.worker_id = "w";
  options.slots = kSlots;
  options.seed = seed;
  return options;
}

bool NaiveWorld::IsDone() const {
  for (const auto& [number, trial] : trials_) {
    if (trial.state != NaiveTrial::State::kFinished) return false;
  }
  return trials_.size() == kTrials;
}

void NaiveWorld::Turn() {
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

void NaiveWorld::PassTime() {
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

void NaiveWorld::TrainSomething() {
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

void NaiveWorld::EndRun(const AttemptKey& key, End end) {
  runs_.erase(key);
  runtime::AttemptResult result;
  result.end = end;
  if (end == End::kCompleted || end == End::kStopped) result.model = MakeArtifact("model");
  Step(AttemptEnded{key, result});
}

void NaiveWorld::SaveCheckpoint(const AttemptKey& key, uint32_t epoch) {
  Step(CheckpointMade{key, epoch, MakeArtifact(absl::StrCat(key.trial, " ", epoch))});
}

void NaiveWorld::FinishUpload() {
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

void NaiveWorld::BreakLink() {
  to_coordinator_.clear();
  to_worker_.clear();
  is_registered_ = false;
  Step(LinkLost{link_, absl::UnavailableError("broke")});
}

void NaiveWorld::DeliverToCoordinator() {
  if (to_coordinator_.empty()) return;
  const v1::WorkerMessage message = to_coordinator_.front();
  if (!Chance(0.05)) to_coordinator_.pop_front();  // else it comes again
  if (Chance(0.05)) return;                        // lost
  CoordinatorHears(message);
}

void NaiveWorld::DeliverToWorker() {
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

// ---- The core's effects ----

void NaiveWorld::Step(const Event& event) {
  Effects step = core_.Step(now_, event);
  for (Effect& effect : step.effects) CarryOut(effect);
  EXPECT_LE(runs_.size(), kSlots);
  for (const auto& [key, attempt] : core_.attempts()) {
    EXPECT_LE(attempt.outbox().held_rows(), Outbox::kRowsMax);
  }
}

void NaiveWorld::CarryOut(const Effect& effect) {
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

void NaiveWorld::Send(const SendMessage& send) {
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

}  // namespace caviar::session
