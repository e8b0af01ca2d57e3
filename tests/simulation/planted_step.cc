#include "tests/simulation/planted_step.h"

#include <utility>
#include <variant>

#include "coordinator/engine/engine_state.h"

namespace caviar::simulation {
namespace {

v1::AttemptId* MutableAttempt(v1::WorkerMessage& message) {
  switch (message.kind_case()) {
    case v1::WorkerMessage::kMeasurements:
      return message.mutable_measurements()->mutable_id();
    case v1::WorkerMessage::kCheckpointSaved:
      return message.mutable_checkpoint_saved()->mutable_id();
    case v1::WorkerMessage::kFinished:
      return message.mutable_finished()->mutable_id();
    case v1::WorkerMessage::kHandBack:
      return message.mutable_hand_back()->mutable_id();
    default:
      return nullptr;
  }
}

const v1::TrialRecord* FindRecord(const engine::EngineState& state, const v1::AttemptId& id) {
  const engine::Job* const job = state.FindJob(id.job());
  if (job == nullptr || id.trial() < 1 || id.trial() > job->trials.size()) return nullptr;
  return &job->trial(id.trial()).record;
}

// Whatever a worker says about a running trial counts as said by its newest attempt.
void TakeFenceDown(const engine::EngineState& state, engine::WorkerSaid& said) {
  v1::AttemptId* const id = MutableAttempt(said.message);
  const v1::TrialRecord* const record = id == nullptr ? nullptr : FindRecord(state, *id);
  if (record == nullptr || record->state() != v1::Trial::RUNNING) return;
  const auto worker = state.workers.workers().find(record->worker_id());
  if (worker == state.workers.workers().end() || !worker->second.session.has_value()) return;
  id->set_attempt(record->attempt());
  said.session = *worker->second.session;
}

void CloseGap(const engine::EngineState& state, engine::WorkerSaid& said) {
  if (!said.message.has_measurements()) return;
  v1::MeasurementBatch& batch = *said.message.mutable_measurements();
  const v1::TrialRecord* const record = FindRecord(state, batch.id());
  if (record == nullptr || record->attempt() != batch.id().attempt()) return;
  if (batch.sequence() > record->last_sequence()) batch.set_sequence(record->last_sequence() + 1);
}

void BlameTrial(engine::WorkerSaid& said) {
  if (said.message.hand_back().reason().empty()) return;
  const v1::HandBack hand_back = said.message.hand_back();
  v1::AttemptFinished& finished = *said.message.mutable_finished();
  *finished.mutable_id() = hand_back.id();
  finished.set_outcome(v1::AttemptFinished::FAILED);
  finished.set_reason(hand_back.reason());
  finished.set_final_sequence(hand_back.final_sequence());
}

void MutateInput(PlantedBug bug, const engine::EngineState& state, engine::Event& event) {
  auto* const said = std::get_if<engine::WorkerSaid>(&event);
  if (bug == PlantedBug::kFenceOff && said != nullptr) TakeFenceDown(state, *said);
  if (bug == PlantedBug::kSequenceGapAccepted && said != nullptr) CloseGap(state, *said);
  if (bug == PlantedBug::kUnfitBlamesTrial && said != nullptr) BlameTrial(*said);
  if (bug == PlantedBug::kStallCostsLeases &&
      std::holds_alternative<engine::DriverStalled>(event)) {
    event = engine::TimePassed{};
  }
}

void MutateTrial(PlantedBug bug, v1::TrialRecord& record) {
  if (bug == PlantedBug::kCheckpointTooNew && record.pending_checkpoint_epoch() > 0) {
    record.set_checkpoint_epoch(record.pending_checkpoint_epoch());
    record.set_checkpoint_digest(record.pending_checkpoint_digest());
  }
  if (bug == PlantedBug::kGrantNotReserved && record.epochs_high() == 0) {
    record.set_until_epoch(0);
  }
  if (bug == PlantedBug::kReasonCutInTwo && record.reason().size() > 1000) {
    record.mutable_reason()->pop_back();
  }
  if (bug == PlantedBug::kAttemptNotDurable && record.state() == v1::Trial::RUNNING &&
      record.attempt() > 1 && record.last_sequence() == 0) {
    record.set_attempt(record.attempt() - 1);
  }
}

void MutateEffects(PlantedBug bug, const engine::EngineState& state, const engine::Event& event,
                   Rng& rng, engine::Effects& effects) {
  for (engine::Write& write : effects.writes) {
    auto* const record = std::get_if<v1::TrialRecord>(&write);
    if (record == nullptr) continue;
    MutateTrial(bug, *record);
    if (bug == PlantedBug::kLiveCheckpointGone && !record->checkpoint_digest().empty() &&
        rng.UniformInt(10) == 0) {
      effects.sends.push_back(engine::ReleaseArtifact{record->checkpoint_digest()});
    }
  }
  if (bug == PlantedBug::kLostRequeue) {
    std::erase_if(effects.writes, [](const engine::Write& write) {
      const auto* record = std::get_if<v1::TrialRecord>(&write);
      return record != nullptr && record->state() == v1::Trial::PENDING && record->attempt() > 0;
    });
  }
  if (bug == PlantedBug::kStopNotSent) {
    std::erase_if(effects.sends, [](const engine::Send& send) {
      const auto* tell = std::get_if<engine::TellWorker>(&send);
      return tell != nullptr && tell->message.has_stop() &&
             tell->message.stop().reason() == v1::Stop::CANCELLED;
    });
  }
  if (bug == PlantedBug::kRollbackKeepsRows && std::holds_alternative<engine::UserAsked>(event)) {
    std::erase_if(effects.writes, [](const engine::Write& write) {
      return std::holds_alternative<engine::TruncateCurve>(write);
    });
  }
  if (bug == PlantedBug::kChangesForgotten) {
    for (engine::Send& send : effects.sends) {
      auto* const tell = std::get_if<engine::TellWorker>(&send);
      if (tell == nullptr || !tell->message.has_assign()) continue;
      tell->message.mutable_assign()->clear_changes();
    }
  }
  const auto* said = std::get_if<engine::WorkerSaid>(&event);
  if (bug == PlantedBug::kDoubleFinish && said != nullptr && said->message.has_finished() &&
      effects.writes.empty()) {
    const v1::TrialRecord* const record = FindRecord(state, said->message.finished().id());
    if (record == nullptr || engine::IsLive(record->state())) return;
    v1::TrialRecord again = *record;
    again.set_state(record->state() == v1::Trial::COMPLETED ? v1::Trial::FAILED
                                                            : v1::Trial::COMPLETED);
    effects.writes.push_back(again);
  }
}

}  // namespace

engine::Effects PlantedStep(PlantedBug bug, engine::Engine& engine, absl::Time now,
                            engine::Event event, Rng& rng) {
  if (bug == PlantedBug::kNone) return engine.Step(now, event);
  if (bug == PlantedBug::kTimeStandsStill && engine.state().now != absl::InfinitePast()) {
    now = engine.state().now;
  }
  MutateInput(bug, engine.state(), event);
  engine::Effects effects = engine.Step(now, event);
  MutateEffects(bug, engine.state(), event, rng, effects);
  if (bug == PlantedBug::kTimeStandsStill) effects.next_deadline = absl::InfiniteFuture();
  return effects;
}

}  // namespace caviar::simulation
