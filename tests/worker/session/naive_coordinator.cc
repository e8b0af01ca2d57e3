// The coordinator's side of the naive world: all that it hears is durable at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/worker/session/naive_world.h"

namespace caviar::session {

void NaiveWorld::Lose(NaiveTrial& trial) {
  if (trial.state != NaiveTrial::State::kRunning) return;
  trial.state = NaiveTrial::State::kPending;
}

void NaiveWorld::CoordinatorActs() {
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

void NaiveWorld::Assign(uint32_t number, NaiveTrial& trial) {
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

NaiveTrial* NaiveWorld::Newest(const v1::AttemptId& id) {
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

void NaiveWorld::CoordinatorHears(const v1::WorkerMessage& message) {
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

void NaiveWorld::UseCheckpoint(NaiveTrial& trial) {
  if (trial.pending_checkpoint_epoch <= trial.curve.size()) {
    trial.checkpoint_epoch = std::max(trial.checkpoint_epoch, trial.pending_checkpoint_epoch);
  }
}

void NaiveWorld::LoseNewestBatch(NaiveTrial& trial) {
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

void NaiveWorld::AskAgain(const v1::AttemptId& id, const NaiveTrial& trial) {
  v1::CoordinatorMessage answer;
  *answer.mutable_resend_from()->mutable_id() = id;
  answer.mutable_resend_from()->set_sequence(trial.last_sequence + 1);
  Reply(answer);
}

void NaiveWorld::HearMeasurements(const v1::MeasurementBatch& batch) {
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

void NaiveWorld::HearRegister(const v1::Register& registered) {
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

}  // namespace caviar::session
