#include "tests/simulation/checker.h"

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "common/random/rng.h"
#include "coordinator/engine/limits.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/coordinator/engine/parses_back.h"
#include "tests/simulation/fake_trainer.h"

namespace caviar::simulation {

using engine::IsLive;

namespace {

std::string Name(std::pair<uint32_t, uint32_t> key) {
  return absl::StrCat("trial ", key.first, "/", key.second);
}

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

void Checker::OnStart(const engine::EngineState& state, const store::MemoryDisk& durable) {
  latest_ = durable;
  // Nothing that was promised may be gone.
  for (const auto& [key, promise] : acknowledged_) {
    if (deleted_jobs_.contains(key.first) && !durable.jobs.contains(key.first)) continue;
    const v1::TrialRecord* const record = FindTrial(key);
    const bool is_there = record != nullptr && (record->attempt() > promise.first ||
                                                record->last_sequence() >= promise.second);
    if (!is_there) Fail(absl::StrCat(Name(key), ": an acknowledged measurement is gone"));
  }
  for (const auto& [key, ended] : ended_) {
    if (deleted_jobs_.contains(key.first) && !durable.jobs.contains(key.first)) continue;
    const v1::TrialRecord* const record = FindTrial(key);
    if (record == nullptr || record->state() != ended) {
      Fail(absl::StrCat(Name(key), ": an acknowledged end is gone"));
    }
  }
  CheckAll(state);
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

void Checker::CheckTransition(const v1::TrialRecord& before, const v1::TrialRecord& after) {
  const TrialKey key{after.job(), after.number()};
  const bool is_new = before.number() == 0;
  if (!is_new && !IsLive(before.state()) && before.state() != after.state()) {
    Fail(absl::StrCat(Name(key), " ended twice"));
  }
  if (after.attempt() < before.attempt() || after.attempt() > before.attempt() + 1) {
    Fail(absl::StrCat(Name(key), ": attempt ", after.attempt(), " after ", before.attempt()));
  }
  CheckAdjusted(before, after);
  if (after.attempt() == before.attempt() && after.last_sequence() < before.last_sequence()) {
    Fail(absl::StrCat(Name(key), ": its sequence went back"));
  }
  if (after.attempt() > before.attempt() && after.checkpoint_epoch() > 0) {
    ++reached_["resumed from a checkpoint"];
  }
  if (after.attempt() > before.attempt() && before.attempt() > 0) ++reached_["retry"];
  if (after.attempt() > before.attempt() && after.worker_deaths() > 0) ++reached_["tried alone"];
  if (after.has_attempt_progress()) ++reached_["retry behind its curve"];
  if (after.pending_checkpoint_epoch() > 0) ++reached_["checkpoint before its curve"];
  if (after.state() == v1::Trial::PAUSED) ++reached_["paused trial"];
  if (after.state() == v1::Trial::PRUNED) ++reached_["pruned trial"];
  if (after.grants_size() < before.grants_size() ||
      after.judgements_size() < before.judgements_size()) {
    Fail(absl::StrCat(Name(key), ": a decision of its scheduler is gone"));
  }
  for (int i = 1; i < after.grants_size(); ++i) {
    if (after.grants(i).until_epoch() > after.grants(i - 1).until_epoch()) continue;
    Fail(absl::StrCat(Name(key), " was promoted twice from one rung"));
  }
  if (after.grants_size() > std::max(before.grants_size(), 1)) {
    promoted_.insert(key);
    ++reached_[after.state() == v1::Trial::RUNNING && after.attempt() == before.attempt()
                   ? "promoted at once"
                   : "promoted from a pause"];
  }
  if (!before.prune_reason().empty() && after.attempt() > before.attempt()) {
    ++reached_["a checkpoint becomes a model"];
  }
  CheckPoison(before, after);
}

// Only a trial that may really kill its workers is given up: being cut off is no death.
void Checker::CheckPoison(const v1::TrialRecord& before, const v1::TrialRecord& after) {
  const TrialKey key{after.job(), after.number()};
  std::vector<Process>& tried_on = tried_on_[key];
  if (after.epochs_high() > before.epochs_high() && tried_on.size() > 1) {
    tried_on.erase(tried_on.begin(), tried_on.end() - 1);
  }
  if (after.attempt() > before.attempt()) {
    tried_on.emplace_back(after.worker_id(), incarnations_[after.worker_id()]);
  }
  const bool is_taken_back =
      after.worker_deaths() < before.worker_deaths() && after.epochs_high() == before.epochs_high();
  if (is_taken_back) ++reached_["death taken back"];
  if (after.state() != v1::Trial::FAILED || before.state() == v1::Trial::FAILED) return;
  if (after.worker_deaths() < engine::kWorkerDeathsMax) return;
  const bool is_refused = absl::StartsWith(after.reason(), "no worker can run it");
  ++reached_[is_refused ? "no worker can" : "poison"];
  if (tried_on.size() < engine::kWorkerDeathsMax && !forgiven_.contains(key)) {
    Fail(absl::StrCat(Name(key), " was given up though its workers lived"));
  }
}

void Checker::NoteReturn(const v1::Register& registration) {
  const Process process{registration.worker_id(), registration.incarnation()};
  if (incarnations_[process.first] > process.second) return;  // refused
  for (auto& [key, tried_on] : tried_on_) {
    const v1::TrialRecord* const record = FindTrial(key);
    if (record == nullptr || tried_on.empty()) continue;
    const bool is_running = record->state() == v1::Trial::RUNNING;
    tried_on.erase(std::remove(tried_on.begin(), tried_on.end() - (is_running ? 1 : 0), process),
                   tried_on.end() - (is_running ? 1 : 0));
  }
}

void Checker::CheckCurveRow(const v1::CurveRecord& row) {
  const TrialKey key{row.job(), row.trial()};
  const auto& curve = latest_.curves[key];
  const auto before = curve.find(row.epoch());
  if (before == curve.end() && row.epoch() != curve.size() + 1) {
    Fail(absl::StrCat(Name(key), ": epoch ", row.epoch(), " after ", curve.size()));
  }
  if (before != curve.end() && before->second.attempt() >= row.attempt()) {
    Fail(absl::StrCat(Name(key), ": epoch ", row.epoch(), " twice in one attempt"));
  }
  const auto job = latest_.jobs.find(row.job());
  if (job == latest_.jobs.end()) return Fail("a curve row of no job");
  const v1::TrialRecord* const record = FindTrial(key);
  if (record == nullptr) return Fail("a curve row of no trial");
  // A lie may bring what an earlier attempt measured with other values.
  if (forgiven_.contains(key) && record->adjustments_size() > 0) return;
  const std::vector<double> expected =
      FakeMetrics(swarm_, SeedAt(*record, job->second.spec().seed(), row.epoch()), row.epoch());
  for (int i = 0; i + 1 < static_cast<int>(expected.size()); ++i) {  // not the seconds
    const double value = i < row.values_size() ? row.values(i) : -1;
    if (value == expected[i] || (std::isnan(value) && std::isnan(expected[i]))) continue;
    Fail(absl::StrCat(Name(key), ": epoch ", row.epoch(), " is not what was measured"));
  }
}

void Checker::CheckSends(const engine::Effects& effects) {
  for (const engine::Send& send : effects.sends) {
    // Nothing is ever lost here that was acknowledged.
    if (const auto* behind = std::get_if<engine::StoreIsBehind>(&send)) Fail(behind->evidence);
    const auto* tell = std::get_if<engine::TellWorker>(&send);
    if (tell == nullptr || !tell->message.has_assign()) continue;
    const v1::Assign& assign = tell->message.assign();
    const auto job = latest_.jobs.find(assign.id().job());
    if (job == latest_.jobs.end() || job->second.state() != v1::Job::RUNNING) {
      Fail(absl::StrCat("job ", assign.id().job(), " is not running, but a trial was assigned"));
    }
    if (!assign.checkpoint_digest().empty() && !artifacts_.contains(assign.checkpoint_digest())) {
      Fail("a trial was assigned from a checkpoint that is gone");
    }
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

// Persist, then send.
void Checker::OnRelease(const engine::Send& send, const store::MemoryDisk& durable) {
  const auto find = [&](const v1::AttemptId& id) -> const v1::TrialRecord* {
    const auto trial = durable.trials.find({id.job(), id.trial()});
    return trial == durable.trials.end() ? nullptr : &trial->second;
  };
  const auto is_gone = [&](const v1::AttemptId& id) {
    return deleted_jobs_.contains(id.job()) && !durable.jobs.contains(id.job());
  };
  if (const auto* reply = std::get_if<engine::Reply>(&send)) {
    if (!reply->answer.ok()) return;
    const auto* job = std::get_if<v1::Job>(&*reply->answer);
    if (job != nullptr && !durable.jobs.contains(job->id()) && !deleted_jobs_.contains(job->id())) {
      Fail(absl::StrCat("job ", job->id(), " was acknowledged before it was durable"));
    }
    return;
  }
  const auto* tell = std::get_if<engine::TellWorker>(&send);
  if (tell == nullptr) return;
  const v1::CoordinatorMessage& message = tell->message;
  if (message.has_assign()) {
    const v1::AttemptId& id = message.assign().id();
    const v1::TrialRecord* const trial = find(id);
    if (!is_gone(id) && (trial == nullptr || trial->attempt() < id.attempt())) {
      Fail(absl::StrCat(Name({id.job(), id.trial()}), ": attempt ", id.attempt(),
                        " was assigned before it was durable"));
    }
  } else if (message.has_ack()) {
    const v1::AttemptId& id = message.ack().id();
    const v1::TrialRecord* const trial = find(id);
    if (is_gone(id)) return;
    if (trial == nullptr ||
        (trial->attempt() == id.attempt() && trial->last_sequence() < message.ack().sequence())) {
      Fail(absl::StrCat(Name({id.job(), id.trial()}), ": sequence ", message.ack().sequence(),
                        " was acknowledged before it was durable"));
    }
    auto& promise = acknowledged_[{id.job(), id.trial()}];
    promise = std::max(promise, {id.attempt(), message.ack().sequence()});
  } else if (message.has_finish_ack()) {
    const v1::AttemptId& id = message.finish_ack().id();
    const v1::TrialRecord* const trial = find(id);
    if (is_gone(id)) return;
    if (trial == nullptr ||
        (trial->state() == v1::Trial::RUNNING && trial->attempt() == id.attempt())) {
      Fail(absl::StrCat(Name({id.job(), id.trial()}),
                        ": its end was acknowledged before it was "
                        "durable"));
    } else if (!IsLive(trial->state())) {
      ended_[{id.job(), id.trial()}] = trial->state();
    }
  } else if (message.has_resend_from()) {
    ++reached_["gap"];
  } else if (message.has_stop()) {
    ++reached_[absl::StrCat("Stop ", v1::Stop::Reason_Name(message.stop().reason()))];
  } else if (message.has_registered()) {
    for (const v1::DesiredAttempt& attempt : message.registered().attempts()) {
      ++reached_[absl::StrCat("desired ", v1::DesiredAttempt::State_Name(attempt.state()))];
    }
  }
}

void Checker::CheckTrial(const v1::JobRecord& job, const engine::Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  const TrialKey key{record.job(), record.number()};
  const v1::TrialRecord* const written = FindTrial(key);
  if (written == nullptr) return Fail(absl::StrCat(Name(key), " is not in the records"));
  if (written->state() != record.state() || written->attempt() != record.attempt() ||
      written->epochs() != record.epochs() || written->until_epoch() != record.until_epoch() ||
      written->checkpoint_digest() != record.checkpoint_digest() ||
      written->worker_deaths() != record.worker_deaths() ||
      written->changed_at_sequence() != record.changed_at_sequence()) {
    Fail(absl::StrCat(Name(key), ": the engine knows something that it did not write"));
  }
  const auto& curve = latest_.curves[key];
  if (curve.size() != written->epochs_high()) {
    Fail(absl::StrCat(Name(key), ": ", curve.size(), " rows, ", written->epochs_high(), " epochs"));
  }
  if (written->checkpoint_epoch() > written->epochs_high()) {
    Fail(absl::StrCat(Name(key), ": its checkpoint is newer than its curve"));
  }
  if (written->epochs_high() > written->until_epoch() ||
      written->until_epoch() > static_cast<uint32_t>(job.spec().budget().epochs())) {
    Fail(absl::StrCat(Name(key), ": ", written->epochs_high(), " epochs of ",
                      written->until_epoch(), " granted"));
  }
  for (const v1::Judgement& judgement : written->judgements()) {
    if (job.spec().scheduler().has_median() || !curve.contains(judgement.epochs())) continue;
    const v1::CurveRecord& row = curve.at(judgement.epochs());
    for (int i = 0; i < row.metrics_size(); ++i) {
      if (row.metrics(i) != job.spec().objective().metric()) continue;
      if (std::isfinite(row.values(i)) != judgement.has_value() ||
          (judgement.has_value() && row.values(i) != judgement.value())) {
        Fail(absl::StrCat(Name(key), " was not judged by its value at epoch ", judgement.epochs()));
      }
    }
  }
  uint32_t attempt = 0;
  for (const auto& [epoch, row] : curve) {
    if (written->state() == v1::Trial::COMPLETED && row.attempt() < attempt) {
      Fail(absl::StrCat(Name(key), ": an older attempt's row follows a newer one's"));
    }
    attempt = row.attempt();
  }
  // A copy that has just been made has trained nothing yet.
  const uint32_t copied_at =
      written->adjustments().empty() || written->adjustments().rbegin()->copied_from() == 0
          ? 0
          : written->adjustments().rbegin()->after_epoch() + 1;
  const auto [best, best_epoch] =
      BestAt(job.spec().objective(), *written, std::max(written->epochs_high(), copied_at));
  if (best.has_value() != record.has_value() || best.value_or(0) != record.value() ||
      best_epoch != record.best_epoch()) {
    Fail(absl::StrCat(Name(key), ": its value is ", record.value(), " at epoch ",
                      record.best_epoch(), ", its curve says ", best.value_or(0), " at ",
                      best_epoch));
  }
}

void Checker::CheckLeaderboard(const engine::Job& job, const v1::JobRecord& record) {
  const v1::Objective::Direction direction = record.spec().objective().direction();
  std::vector<const v1::TrialRecord*> ranked;
  for (const engine::Trial& trial : job.trials) {
    const v1::Trial::State state = trial.record.state();
    if (!trial.record.has_value() || !std::isfinite(trial.record.value())) continue;
    if (state == v1::Trial::INFEASIBLE || state == v1::Trial::FAILED) continue;
    ranked.push_back(&trial.record);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto* a, const auto* b) {
    return engine::IsBetter(direction, a->value(), b->value());
  });
  size_t place = 0;
  bool is_equal = ranked.size() == job.leaderboard.size();
  for (const engine::Leaderboard::Entry& entry : job.leaderboard.entries()) {
    is_equal = is_equal && ranked[place++]->number() == entry.trial;
  }
  if (!is_equal) Fail(absl::StrCat("the leaderboard of job ", job.id(), " is not its trials'"));
}

void Checker::CheckJob(const engine::EngineState& state, uint32_t id) {
  const engine::Job* const job = state.FindJob(id);
  const auto record = latest_.jobs.find(id);
  if (job == nullptr && record == latest_.jobs.end()) return;
  if (job == nullptr || record == latest_.jobs.end()) {
    return Fail(absl::StrCat("job ", id, " is only in the engine or only in the records"));
  }
  if (job->record.state() != record->second.state()) {
    Fail(absl::StrCat("job ", id, ": its state was not written"));
  }
  std::array<uint32_t, v1::Trial::State_ARRAYSIZE> counts{};
  uint64_t reserved = 0, done = 0;
  for (const engine::Trial& trial : job->trials) {
    CheckTrial(record->second, trial);
    ++counts[trial.record.state()];
    reserved += trial.record.until_epoch();
    done += trial.record.epochs_high();
    const uint32_t number = trial.record.number();
    const bool is_pending = trial.record.state() == v1::Trial::PENDING;
    const bool is_suspect = trial.record.worker_deaths() > 0;
    if (job->live.contains(number) != IsLive(trial.record.state()) ||
        job->ready.contains(number) != (is_pending && !is_suspect) ||
        job->suspects.contains(number) != (is_pending && is_suspect)) {
      Fail(absl::StrCat(Name({id, number}), " is in the wrong queue"));
    }
  }
  if (counts != job->counts || reserved != job->reserved_epochs || done != job->epochs_done) {
    Fail(absl::StrCat("job ", id, ": its counters are not its trials'"));
  }
  if (job->trials.size() > job->budget_trials() || reserved > job->total_epochs()) {
    Fail(absl::StrCat("job ", id, ": ", job->trials.size(), " trials with ", reserved,
                      " epochs exceed its budget"));
  }
  if (job->has_ended() && !job->live.empty()) {
    Fail(absl::StrCat("job ", id, " ended before its trials"));
  }
  const bool is_budget_end =
      record->second.state() == v1::Job::COMPLETED && record->second.reason().empty();
  // Grants by rung are given whole: the largest first one may not fit any more.
  const v1::TrialScheduler& scheduler = record->second.spec().scheduler();
  const bool is_by_rung = scheduler.has_asha() || scheduler.has_hyperband() ||
                          scheduler.has_bohb() || scheduler.has_pbt();
  const uint64_t unspendable = is_by_rung ? record->second.spec().budget().epochs() - 1 : 0;
  if (is_budget_end && job->trials.size() < job->budget_trials() &&
      reserved + unspendable < job->total_epochs()) {
    Fail(absl::StrCat("job ", id, " ended with ", job->trials.size(), " trials and ", reserved,
                      " epochs, below its budget"));
  }
  if (job->models.size() > engine::kModelsKept) Fail("too many models are kept");
  CheckLeaderboard(*job, record->second);
}

void Checker::CheckWorkers(const engine::EngineState& state) {
  std::map<TrialKey, uint32_t> holders;
  for (const auto& [id, worker] : state.workers.workers()) {
    if (worker.session.has_value() && worker.held() > 2 * worker.slots) {
      Fail(absl::StrCat("worker ", id, " has ", worker.held(), " trials on ", worker.slots,
                        " slots"));
    }
    if (worker.held() > worker.slots) ++reached()["a slot given before its trial's end"];
    if (!worker.running.empty() && !state.leases.Find(id).has_value()) {
      Fail(absl::StrCat("worker ", id, " runs trials without a lease"));
    }
    if (!worker.running.empty() && *state.leases.Find(id) <= state.now) {
      Fail(absl::StrCat("worker ", id, " runs trials after its lease"));
    }
    for (const engine::AttemptKey& key : worker.running) {
      const v1::TrialRecord* const trial = FindTrial({key.job, key.trial});
      if (trial == nullptr || trial->state() != v1::Trial::RUNNING ||
          trial->attempt() != key.attempt || trial->worker_id() != id) {
        Fail(absl::StrCat(Name({key.job, key.trial}), " is not what worker ", id, " runs"));
      }
      if (++holders[{key.job, key.trial}] > 1) {
        Fail(absl::StrCat(Name({key.job, key.trial}), " has two leases"));
      }
    }
  }
  for (const auto& [id, job] : state.jobs) {
    for (const uint32_t number : job->live) {
      const bool is_running = job->trial(number).record.state() == v1::Trial::RUNNING;
      if (is_running != holders.contains({id, number})) {
        Fail(absl::StrCat(Name({id, number}), " runs nowhere"));
      }
    }
  }
}

void Checker::CheckArtifacts(const engine::EngineState& state) {
  std::map<std::string, uint32_t> counts;
  const auto add = [&](const std::string& digest) {
    if (!digest.empty()) ++counts[digest];
  };
  for (const auto& [name, record] : latest_.datasets) add(record.dataset().digest());
  for (const auto& [key, record] : latest_.trials) {
    add(record.checkpoint_digest());
    add(record.pending_checkpoint_digest());
    add(record.model_digest());
    for (const v1::KeptCheckpoint& kept : record.kept_checkpoints()) add(kept.digest());
  }
  if (counts.size() != state.artifacts.counts().size()) {
    Fail(absl::StrCat("the records refer to ", counts.size(), " artifacts, the engine counts ",
                      state.artifacts.counts().size()));
  }
  for (const auto& [digest, count] : counts) {
    const auto known = state.artifacts.counts().find(digest);
    if (known == state.artifacts.counts().end() || known->second != count) {
      Fail(absl::StrCat("artifact ", digest.substr(0, 8), " is counted wrongly"));
    }
    if (!artifacts_.contains(digest)) {
      Fail(absl::StrCat("artifact ", digest.substr(0, 8), " is referred to, but gone"));
    }
  }
}

}  // namespace caviar::simulation
