#include "coordinator/engine/silent_deaths.h"

#include <set>
#include <utility>

#include "common/status/check.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_life.h"

namespace caviar::engine {
namespace {

void Drop(EngineState& state, const std::string& worker_id, const AttemptKey& key) {
  const auto entry = state.silent_deaths.find(worker_id);
  if (entry == state.silent_deaths.end()) return;
  entry->second.erase(key);
  if (entry->second.empty()) state.silent_deaths.erase(entry);
}

// Takes the attempt's entry out of the record: the incarnation that it names.
uint32_t TakeIncarnation(v1::TrialRecord& record, uint32_t attempt) {
  auto& deaths = *record.mutable_silent_deaths();
  for (auto death = deaths.begin(); death != deaths.end(); ++death) {
    if (death->attempt() != attempt) continue;
    const uint32_t incarnation = death->incarnation();
    deaths.erase(death);
    return incarnation;
  }
  CAVIAR_CHECK(false) << "trial " << record.number() << " has no silent death of " << attempt;
  return 0;
}

}  // namespace

void NoteSilentDeath(EngineState& state, Trial& trial, const Worker& worker) {
  v1::TrialRecord& record = trial.record;
  CAVIAR_CHECK(trial.is_touched && worker.incarnation.has_value()) << record.number();
  v1::SilentDeath& death = *record.add_silent_deaths();
  death.set_worker_id(worker.id);
  death.set_incarnation(*worker.incarnation);
  death.set_attempt(record.attempt());
  state.silent_deaths[worker.id].insert({record.job(), record.number(), record.attempt()});
}

void ForgetSilentDeaths(EngineState& state, v1::TrialRecord& record) {
  for (const v1::SilentDeath& death : record.silent_deaths()) {
    Drop(state, death.worker_id(), {record.job(), record.number(), death.attempt()});
  }
  record.clear_silent_deaths();
}

void RestoreSilentDeaths(EngineState& state, const v1::TrialRecord& record) {
  for (const v1::SilentDeath& death : record.silent_deaths()) {
    state.silent_deaths[death.worker_id()].insert({record.job(), record.number(), death.attempt()});
  }
}

void SettleSilentDeaths(EngineState& state, const v1::Register& registration) {
  const auto entry = state.silent_deaths.find(registration.worker_id());
  if (entry == state.silent_deaths.end()) return;
  const std::set<AttemptKey> attempts = std::move(entry->second);
  state.silent_deaths.erase(entry);
  for (const AttemptKey& key : attempts) {
    Job& job = *state.FindJob(key.job);
    Trial& trial = job.trial(key.trial);
    TouchTrial(state, job, trial);
    const uint32_t incarnation = TakeIncarnation(trial.record, key.attempt);
    if (incarnation == registration.incarnation()) TakeBackDeath(state, job, trial);
  }
}

}  // namespace caviar::engine
