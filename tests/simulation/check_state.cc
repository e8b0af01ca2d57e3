// The engine's state against the records that it wrote, by full recomputation.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/limits.h"
#include "tests/simulation/checker.h"

namespace caviar::simulation {

using engine::IsLive;

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
