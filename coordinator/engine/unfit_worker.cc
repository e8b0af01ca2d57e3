#include "coordinator/engine/unfit_worker.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/trial_life.h"

namespace caviar::engine {
namespace {

bool HasFitWorkerFor(const EngineState& state, const Trial& trial) {
  const auto& workers = state.workers.workers();
  return std::any_of(workers.begin(), workers.end(), [&](const auto& entry) {
    const Worker& worker = entry.second;
    return worker.session.has_value() && !worker.is_draining && worker.unfit.rounds == 0 &&
           (trial.refused_by == nullptr || !trial.refused_by->contains(worker.id));
  });
}

// Of rounds, not of trials: all slots of a worker say the same at once.
void NoteUnfit(EngineState& state, Worker& worker, std::pair<uint32_t, uint32_t> trial) {
  Worker::Unfit& unfit = worker.unfit;
  if (unfit.rounds == 0) unfit.trial = trial;
  if (unfit.trial != trial) unfit.has_others = true;
  if (worker.is_refusing) return;
  absl::Duration pause = kRefusalPause;
  for (uint32_t i = 0; i < unfit.rounds && pause < kUnfitPauseMax; ++i) pause *= 2;
  ++unfit.rounds;
  PauseWorker(state, worker, std::min(pause, kUnfitPauseMax));
}

}  // namespace

void PauseWorker(EngineState& state, Worker& worker, absl::Duration pause) {
  worker.is_refusing = true;
  state.refusals.Set(worker.id, state.now + pause);
  state.workers.Update(worker);
}

void ReturnFromUnfit(EngineState& state, Worker& worker, Job& job, Trial& trial,
                     absl::string_view why) {
  NoteUnfit(state, worker, {job.id(), trial.record.number()});
  if (trial.refused_by == nullptr) trial.refused_by = std::make_unique<std::set<std::string>>();
  const bool is_first_time = trial.refused_by->insert(worker.id).second;
  const bool is_worker_known = worker.unfit.has_others || !is_first_time;
  const bool is_counted = !is_worker_known || !HasFitWorkerFor(state, trial);
  ReturnAttempt(state, job, trial);
  if (!is_counted || !IsLive(trial.record.state())) return;
  CountFailedAttempt(state, job, trial,
                     absl::StrCat("no worker can run it; ", worker.name, ": ", why));
}

}  // namespace caviar::engine
