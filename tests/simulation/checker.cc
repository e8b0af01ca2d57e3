#include "tests/simulation/checker.h"

#include <algorithm>
#include <span>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/parses_back.h"

namespace caviar::simulation {

using engine::IsLive;

namespace {

const v1::AttemptId* AttemptOf(const v1::WorkerMessage& message) {
  switch (message.kind_case()) {
    case v1::WorkerMessage::kMeasurements:
      return &message.measurements().id();
    case v1::WorkerMessage::kCheckpointSaved:
      return &message.checkpoint_saved().id();
    case v1::WorkerMessage::kFinished:
      return &message.finished().id();
    case v1::WorkerMessage::kHandBack:
      return &message.hand_back().id();
    default:
      return nullptr;
  }
}

// Everything of a trial that a stale message must not change.
bool SameSubstance(const v1::TrialRecord& a, const v1::TrialRecord& b) {
  return a.epochs_high() == b.epochs_high() && a.has_value() == b.has_value() &&
         a.value() == b.value() && a.best_epoch() == b.best_epoch() &&
         (IsLive(a.state()) || a.state() == b.state()) && a.model_digest() == b.model_digest();
}

}  // namespace

v1::TrialRecord* Checker::FindTrial(TrialKey key) {
  const auto entry = latest_.trials.find(key);
  return entry == latest_.trials.end() ? nullptr : &entry->second;
}

void Checker::BeforeStep(const engine::EngineState& state, const engine::Event& event) {
  stale_.reset();
  const auto* said = std::get_if<engine::WorkerSaid>(&event);
  const v1::AttemptId* const id = said == nullptr ? nullptr : AttemptOf(said->message);
  if (id == nullptr) return;
  const TrialKey key{id->job(), id->trial()};
  const v1::TrialRecord* const record = FindTrial(key);
  const auto worker =
      std::find_if(state.workers.workers().begin(), state.workers.workers().end(),
                   [&](const auto& entry) { return entry.second.session == said->session; });
  const bool is_live = record != nullptr && record->state() == v1::Trial::RUNNING &&
                       record->attempt() == id->attempt() &&
                       worker != state.workers.workers().end() &&
                       record->worker_id() == worker->first;
  if (is_live) return;
  stale_.emplace(Stale{key, std::nullopt});
  if (record != nullptr) stale_->before = *record;
  ++reached_["stale message"];
}

void Checker::CheckStale(const engine::Effects& effects) {
  if (!stale_.has_value()) return;
  for (const engine::Write& write : effects.writes) {
    if (const auto* row = std::get_if<v1::CurveRecord>(&write)) {
      Fail(absl::StrCat(Name({row->job(), row->trial()}), ": a stale message wrote a curve row"));
    }
  }
  const v1::TrialRecord* const record = FindTrial(stale_->trial);
  if (record != nullptr && stale_->before.has_value() && !SameSubstance(*stale_->before, *record)) {
    Fail(absl::StrCat(Name(stale_->trial), ": a stale message changed it"));
  }
}

// Only a worker that breaks the protocol loses a live attempt by what it says.
void Checker::CheckPunished(const engine::Event& event, const engine::Effects& effects) {
  const auto* said = std::get_if<engine::WorkerSaid>(&event);
  const v1::AttemptId* const id = said == nullptr ? nullptr : AttemptOf(said->message);
  if (id == nullptr || stale_.has_value() || forgiven_.contains({id->job(), id->trial()})) return;
  for (const engine::Send& send : effects.sends) {
    const auto* tell = std::get_if<engine::TellWorker>(&send);
    if (tell == nullptr || tell->message.stop().reason() != v1::Stop::LOST) continue;
    Fail(absl::StrCat(Name({id->job(), id->trial()}), " was taken from an honest worker"));
  }
}

void Checker::AfterStep(const engine::EngineState& state, const engine::Event& event,
                        const engine::Effects& effects) {
  ++steps_;
  const auto* said = std::get_if<engine::WorkerSaid>(&event);
  const bool registers = said != nullptr && said->message.has_register_();
  if (registers) {
    uint32_t& newest = incarnations_[said->message.register_().worker_id()];
    newest = std::max(newest, said->message.register_().incarnation());
  }
  // A worker's own word that it cannot run a trial counts, whether it lives or not.
  if (said != nullptr && !said->message.hand_back().reason().empty()) {
    const v1::AttemptId& id = said->message.hand_back().id();
    std::vector<Process>& tried_on = tried_on_[{id.job(), id.trial()}];
    if (!tried_on.empty()) tried_on.back() = Process();
  }
  for (const engine::Write& write : effects.writes) Apply(write);
  if (registers) NoteReturn(said->message.register_());
  CheckStale(effects);
  CheckSends(effects);
  CheckPunished(event, effects);
  if (swarm_.is_big) {
    if (steps_ % 2000 == 0) CheckAll(state);
    return;
  }
  for (const uint32_t job : touched_jobs_) CheckJob(state, job);
  if (!effects.writes.empty()) {
    CheckWorkers(state);
    CheckArtifacts(state);
  }
  for (const TrialKey& key : promoted_) {
    const auto job = latest_.jobs.find(key.first);
    if (job != latest_.jobs.end()) CheckPromotion(job->second, latest_.trials.at(key));
  }
  promoted_.clear();
  touched_jobs_.clear();
}

void Checker::CheckAll(const engine::EngineState& state) {
  if (state.jobs.size() != latest_.jobs.size()) Fail("the engine has other jobs than the records");
  for (const auto& [id, job] : latest_.jobs) CheckJob(state, id);
  CheckWorkers(state);
  CheckArtifacts(state);
  touched_jobs_.clear();
}

void Checker::Apply(const engine::Write& write) {
  if (!engine::ParsesBack(write)) Fail("a record was written that cannot be read again");
  if (const auto* trial = std::get_if<v1::TrialRecord>(&write)) {
    const TrialKey key{trial->job(), trial->number()};
    touched_jobs_.insert(trial->job());
    static const v1::TrialRecord kNone;
    const v1::TrialRecord* const before = FindTrial(key);
    CheckTransition(before == nullptr ? kNone : *before, *trial);
    latest_.trials[key] = *trial;
  } else if (const auto* row = std::get_if<v1::CurveRecord>(&write)) {
    CheckCurveRow(*row);
    latest_.curves[{row->job(), row->trial()}][row->epoch()] = *row;
  } else {
    if (const auto* job = std::get_if<v1::JobRecord>(&write)) touched_jobs_.insert(job->id());
    if (const auto* deletion = std::get_if<engine::DeleteJobRecord>(&write)) {
      deleted_jobs_.insert(deletion->job);
      ++reached_["job deleted"];
    }
    store::MemoryStore store(latest_);
    (void)store.Commit(std::span(&write, 1)).ok();
  }
}

}  // namespace caviar::simulation
