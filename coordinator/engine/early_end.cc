#include "coordinator/engine/early_end.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/engine/lineage.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_end.h"
#include "coordinator/search/terminator.h"

namespace caviar::engine {
namespace {

// A twentieth more than at the last assessment.
constexpr uint64_t kNewsShare = 20;

// By the validation part's size alone, a share such as an accuracy is no surer than this: the
// standard error of a proportion. 0 for losses.
double StandardErrorOf(const EngineState& state, const Job& job) {
  const std::string& metric = job.spec().objective().metric();
  const auto dataset = state.datasets.find(job.spec().dataset());
  if (absl::EndsWith(metric, "_loss") || dataset == state.datasets.end()) return 0;
  const v1::Dataset& data = dataset->second.dataset();
  const uint32_t rows =
      absl::StartsWith(metric, "train_") ? data.train().rows() : data.validation().rows();
  const double best = job.trial(job.leaderboard.best()).record.value();
  if (rows == 0 || best <= 0 || best >= 1) return 0;
  return std::sqrt(best * (1 - best) / rows);
}

}  // namespace

void EndEarly(EngineState& state, Job& job, absl::string_view reason, bool keeps_best) {
  TouchJobRecord(state, job);
  job.record.set_is_ending(true);
  job.record.set_reason(std::string(reason));
  const std::vector<uint32_t> live(job.live.begin(), job.live.end());
  for (const uint32_t number : live) {
    Trial& trial = job.trial(number);
    const v1::TrialRecord& record = trial.record;
    const bool is_best = !job.leaderboard.empty() && job.leaderboard.best() == number;
    if (keeps_best && is_best && record.state() != v1::Trial::RUNNING && CanBecomeModel(record)) {
      TurnIntoModel(state, job, trial, std::string(reason));
      continue;
    }
    if (!record.has_value() || record.state() != v1::Trial::RUNNING) {
      EndTrial(state, job, trial, record.has_value() ? v1::Trial::PRUNED : v1::Trial::CANCELLED,
               reason);
      continue;
    }
    const Worker* const worker = state.workers.Find(record.worker_id());
    if (worker == nullptr || !worker->session.has_value()) continue;
    TellStop(state, *worker->session, {job.id(), number, record.attempt()}, v1::Stop::PRUNED);
  }
}

void EndAtTarget(EngineState& state, Job& job) {
  const v1::Budget& budget = job.spec().budget();
  if (!budget.has_target() || job.record.state() != v1::Job::RUNNING) return;
  if (job.record.is_ending()) return;
  if (job.leaderboard.empty()) return;
  const v1::TrialRecord& best = job.trial(job.leaderboard.best()).record;
  if (IsBetter(job.spec().objective().direction(), budget.target(), best.value())) return;
  EndEarly(state, job,
           absl::StrCat("target ", budget.target(), " reached by trial ", best.number(), ": ",
                        best.value()),
           /*keeps_best=*/true);
}

void OrderAssessment(EngineState& state, Job& job) {
  const v1::Budget& budget = job.spec().budget();
  if (!budget.has_terminator() || job.record.state() != v1::Job::RUNNING) return;
  if (job.record.is_ending() || job.leaderboard.empty()) return;
  Assessment& assessment = job.assessment;
  const uint64_t reports = job.observations.reports();
  // Those at a rung have shown something too, though they may go on.
  const auto known =
      static_cast<int64_t>(job.observations.ranking().size() - job.observations.priors());
  if (assessment.is_under_way || known < budget.terminator().min_trials() ||
      reports <= assessment.reports + assessment.reports / kNewsShare) {
    return;
  }
  assessment.is_under_way = true;
  assessment.reports = reports;
  state.step.effects.sends.push_back(
      Think{[id = job.id(), ticket = ++assessment.ticket, sampler = job.sampler,
             seed = job.spec().seed(), floor = StandardErrorOf(state, job),
             seen = std::make_shared<const search::Observations>(job.observations)]() -> Event {
        return RemainingAssessed{id, ticket,
                                 search::AssessRemaining(sampler->space(), *seen, seed, floor)};
      }});
}

void OnRemainingAssessed(EngineState& state, const RemainingAssessed& assessed) {
  Job* const job = state.FindJob(assessed.job);
  if (job == nullptr || job->has_ended() || assessed.ticket != job->assessment.ticket) return;
  job->assessment.is_under_way = false;
  VisitJob(state, *job);
  const search::Remaining& remaining = assessed.remaining;
  if (job->record.state() != v1::Job::RUNNING || job->record.is_ending()) return;
  if (remaining.improvement >= remaining.noise) return;
  EndEarly(state, *job,
           absl::StrCat("terminator: more trials would bring at most ", remaining.improvement,
                        ", less than chance does (", remaining.noise, ")"),
           /*keeps_best=*/true);
}

}  // namespace caviar::engine
