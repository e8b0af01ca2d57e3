#include "coordinator/engine/on_worker_said.h"

#include "coordinator/engine/attempt_messages.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/register_worker.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {
namespace {

void AnswerHeartbeat(EngineState& state, SessionId session, const v1::Heartbeat& heartbeat) {
  v1::CoordinatorMessage message;
  message.mutable_heartbeat_ack()->set_number(heartbeat.number());
  Tell(state, session, std::move(message));
}

}  // namespace

void OnWorkerSaid(EngineState& state, const WorkerSaid& said) {
  Worker* const worker = state.workers.FindBySession(said.session);
  const v1::WorkerMessage& message = said.message;
  if (message.has_register_()) {
    if (worker == nullptr) return OnRegister(state, said.session, message.register_());
    return Close(state, said.session,
                 absl::InvalidArgumentError("a session registers once, with its first message"));
  }
  if (worker == nullptr) {
    return Close(state, said.session,
                 absl::FailedPreconditionError("this session has ended, or did not begin with "
                                               "Register; open a new one and register"));
  }
  worker->last_seen = state.now;
  state.leases.Set(worker->id, state.now + state.options.lease);
  switch (message.kind_case()) {
    case v1::WorkerMessage::kHeartbeat:
      return AnswerHeartbeat(state, said.session, message.heartbeat());
    case v1::WorkerMessage::kMeasurements:
      return OnMeasurements(state, *worker, message.measurements());
    case v1::WorkerMessage::kCheckpointSaved:
      return OnCheckpointSaved(state, *worker, message.checkpoint_saved());
    case v1::WorkerMessage::kFinished:
      return OnAttemptFinished(state, *worker, message.finished());
    case v1::WorkerMessage::kHandBack:
      return OnHandBack(state, *worker, message.hand_back());
    case v1::WorkerMessage::kTrained:
      return OnTrained(state, *worker, message.trained());
    case v1::WorkerMessage::kDraining:
      worker->is_draining = true;
      return state.workers.Update(*worker);
    case v1::WorkerMessage::kRegister:
    case v1::WorkerMessage::KIND_NOT_SET:
      return;  // a kind that a newer protocol has and this one does not
  }
}

void OnSessionClosed(EngineState& state, const SessionClosed& closed) {
  Worker* const worker = state.workers.FindBySession(closed.session);
  if (worker == nullptr) return;
  state.workers.Disconnect(*worker);
  // Nothing to wait for: it is only remembered for a while.
  if (worker->running.empty()) {
    state.leases.Clear(worker->id);
    state.forgettings.Set(worker->id, state.now + kGoneWorkerKept);
  }
}

}  // namespace caviar::engine
