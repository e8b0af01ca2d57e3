#include "coordinator/engine/trial_on_worker.h"

#include "coordinator/engine/step_changes.h"

namespace caviar::engine {

AttemptKey KeyOfTrial(const v1::TrialRecord& record) {
  return {record.job(), record.number(), record.attempt()};
}

void Detach(EngineState& state, Trial& trial) {
  trial.lineage.reset();
  Worker* const worker = state.workers.Find(trial.record.worker_id());
  if (worker == nullptr) return;
  worker->running.erase(KeyOfTrial(trial.record));
  worker->trained.erase(KeyOfTrial(trial.record));
  worker->alone.erase(KeyOfTrial(trial.record));
  state.workers.Update(*worker);
}

void TakeFromWorker(EngineState& state, Trial& trial) {
  Worker* const worker = state.workers.Find(trial.record.worker_id());
  const AttemptKey key = KeyOfTrial(trial.record);
  const bool is_trained = worker != nullptr && worker->trained.contains(key);
  Detach(state, trial);
  if (worker == nullptr || !worker->session.has_value()) return;
  worker->stopping.insert(key);
  if (is_trained) worker->trained.insert(key);
  state.workers.Update(*worker);
  TellStop(state, *worker->session, key, v1::Stop::CANCELLED);
}

}  // namespace caviar::engine
