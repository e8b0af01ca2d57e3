#include "coordinator/engine/expire.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/early_end.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/silent_deaths.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_life.h"

namespace caviar::engine {
namespace {

void ExpireLease(EngineState& state, Worker& worker) {
  const std::string why =
      absl::StrCat("nothing was heard of it for ", absl::FormatDuration(state.options.lease));
  // A worker that never registered since the coordinator started may have been lost before: that
  // is not held against the trials. Any other may have died of them; most are cut off by the
  // network, and it is taken back when they return (silent_deaths.h). To count only what a return
  // proves would never fail a trial that kills machines which do not return.
  const bool may_have_died = worker.incarnation.has_value();
  const std::vector<AttemptKey> running(worker.running.begin(), worker.running.end());
  for (const AttemptKey& key : running) {
    Job& job = *state.FindJob(key.job);
    Trial& trial = job.trial(key.trial);
    LoseAttempt(state, job, trial, may_have_died, why);
    if (may_have_died && IsLive(trial.record.state())) NoteSilentDeath(state, trial, worker);
  }
  // Should it live yet, it hears in its next session that its attempts are lost.
  if (worker.session.has_value()) {
    Close(state, *worker.session, absl::DeadlineExceededError(why));
  }
  state.forgettings.Set(worker.id, state.now + kGoneWorkerKept);
}

void StopRefusing(EngineState& state, const std::string& id) {
  Worker* const worker = state.workers.Find(id);
  if (worker == nullptr) return;
  worker->is_refusing = false;
  state.workers.Update(*worker);
}

}  // namespace

void Expire(EngineState& state) {
  while (const std::optional<std::string> id = state.leases.TakeDue(state.now)) {
    ExpireLease(state, *state.workers.Find(*id));
  }
  while (const std::optional<std::string> id = state.refusals.TakeDue(state.now)) {
    StopRefusing(state, *id);
  }
  while (const std::optional<std::string> id = state.forgettings.TakeDue(state.now)) {
    state.refusals.Clear(*id);
    state.workers.Erase(*id);
  }
  while (const std::optional<uint32_t> id = state.wall_times.TakeDue(state.now)) {
    EndEarly(state, *state.FindJob(*id), "wall_time reached", /*keeps_best=*/false);
  }
  while (const std::optional<uint32_t> id = state.retests.TakeDue(state.now)) {
    ReachRetest(state, *state.FindJob(*id));
  }
}

}  // namespace caviar::engine
