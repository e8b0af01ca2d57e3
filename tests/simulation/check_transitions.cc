// What one step may make of a trial's record, of its curve, and of the blame for lost workers.
#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/engine/limits.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/fake_trainer.h"

namespace caviar::simulation {

using engine::IsLive;

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

}  // namespace caviar::simulation
