#include "coordinator/engine/scheduling.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/budget.h"
#include "coordinator/engine/copy_trial.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {
namespace {

// How far a trial has come that could be promoted there.
uint32_t EpochsDone(const Job& job, const v1::TrialRecord& record) {
  if (!job.scheduler->CopiesCheckpoints()) return record.epochs_high();
  return record.state() == v1::Trial::RUNNING ? record.epochs() : record.checkpoint_epoch();
}

bool IsAtGrantEnd(const Job& job, const v1::TrialRecord& record) {
  return EpochsDone(job, record) >= record.until_epoch() &&
         record.until_epoch() < static_cast<uint32_t>(job.spec().budget().epochs());
}

// On record with all that the decision was made from.
void AddGrant(Job& job, v1::TrialRecord& record, uint32_t until_epoch,
              const schedule::Outlook& outlook) {
  v1::TrialGrant& grant = *record.add_grants();
  grant.set_until_epoch(until_epoch);
  grant.set_at_sequence(job.record.sequence());
  grant.set_epochs_left(outlook.epochs_left);
  grant.set_is_closed(!outlook.may_create);
  grant.set_is_last_chance(outlook.is_last_chance);
  job.scheduler->OnGranted(record.number(), until_epoch);
}

void RaiseGrant(EngineState& state, Job& job, Trial& trial, uint32_t until_epoch) {
  AddGrant(job, trial.record, until_epoch, OutlookOf(job));
  TouchTrialAnew(state, job, trial);
  LeaveState(job, trial);
  trial.record.set_until_epoch(until_epoch);
  EnterState(job, trial);
}

void DecidePrune(const Job& job, v1::TrialRecord& record, const std::string& reason) {
  record.set_prune_reason(reason);
  record.set_pruned_at_sequence(job.record.sequence());
}

absl::Status DoesNotFit(const v1::TrialRecord& record, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the record of trial ", record.number(), " of job ",
                                          record.job(), " is damaged: ", what));
}

absl::Status TellTrial(Job& job, const Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  const uint32_t number = record.number();
  schedule::TrialScheduler& scheduler = *job.scheduler;
  scheduler.OnCreated(number);
  if (scheduler.GrantsByRung() && (record.grants_size() < record.judgements_size() ||
                                   record.grants_size() > record.judgements_size() + 1)) {
    return DoesNotFit(record, absl::StrCat(record.grants_size(), " grants, judged ",
                                           record.judgements_size(), " times"));
  }
  for (int i = 0; i < std::max(record.grants_size(), record.judgements_size()); ++i) {
    if (i < record.grants_size()) scheduler.OnGranted(number, record.grants(i).until_epoch());
    if (i >= record.judgements_size()) break;
    const v1::Judgement& judgement = record.judgements(i);
    const bool is_rung =
        i >= record.grants_size() || record.grants(i).until_epoch() == judgement.epochs();
    if (!is_rung || !scheduler.IsJudgedAt(number, judgement.epochs())) {
      return DoesNotFit(record, absl::StrCat("judged at ", judgement.epochs(),
                                             " epochs, where its job has no rung"));
    }
    std::optional<double> value;
    if (judgement.has_value()) value = judgement.value();
    scheduler.OnJudged({number, judgement.epochs(), value});
    ShowRung(job, record, i + 1);
  }
  if (!IsLive(record.state())) {
    scheduler.OnEnded(number, record.state() == v1::Trial::COMPLETED);
  } else if (!record.prune_reason().empty()) {
    scheduler.OnGivenUp(number);
  } else if (record.state() == v1::Trial::PAUSED && WaitsAtRung(job, record)) {
    scheduler.OnPaused(number);
  }
  return absl::OkStatus();
}

}  // namespace

schedule::Outlook OutlookOf(const Job& job) {
  schedule::Outlook outlook;
  outlook.epochs_left = job.total_epochs() - job.reserved_epochs;
  outlook.may_create = MayCreateTrials(job);
  outlook.is_last_chance = !outlook.may_create && job.live.size() == job.counts[v1::Trial::PAUSED];
  return outlook;
}

absl::Status TellScheduler(Job& job) {
  for (const Trial& trial : job.trials) {
    CAVIAR_RETURN_IF_ERROR(TellTrial(job, trial));
  }
  return absl::OkStatus();
}

void ScheduleNew(Job& job, Trial& trial, const schedule::Outlook& outlook) {
  job.scheduler->OnCreated(trial.record.number());
  if (!job.scheduler->GrantsByRung()) return;
  AddGrant(job, trial.record, trial.record.until_epoch(), outlook);
}

void JudgeEpoch(Job& job, Trial& trial, uint32_t epoch, std::optional<double> value) {
  v1::TrialRecord& record = trial.record;
  if (!job.scheduler->IsJudgedAt(record.number(), epoch)) return;
  if (job.scheduler->JudgesBestSoFar()) value = trial.lineage->best_value();
  v1::Judgement& judgement = *record.add_judgements();
  judgement.set_epochs(epoch);
  if (value.has_value()) judgement.set_value(*value);
  judgement.set_at_sequence(job.record.sequence());
  const std::optional<std::string> stop = job.scheduler->OnJudged({record.number(), epoch, value});
  if (stop.has_value() && record.prune_reason().empty()) DecidePrune(job, record, *stop);
  ShowRung(job, record, record.judgements_size());
}

// What a restart finds again: the rungs, no other epochs.
void ShowRung(Job& job, const v1::TrialRecord& record, int rungs) {
  if (job.sampler == nullptr || !job.scheduler->GrantsByRung() || rungs == 0) return;
  const v1::Judgement& newest = record.judgements(rungs - 1);
  std::optional<double> best, last;
  for (int i = 0; i < rungs; ++i) {
    const v1::Judgement& judgement = record.judgements(i);
    if (!judgement.has_value()) continue;
    last = judgement.value();
    const bool is_better =
        !best.has_value() || IsBetter(job.spec().objective().direction(), *last, *best);
    if (is_better) best = last;
  }
  if (!newest.has_value()) last.reset();
  if (job.sampler->uses_observations()) {
    job.observations.ReportRung(record.number(), last, newest.epochs());
  }
  if (job.sampler->uses_history() && best.has_value()) {
    job.history.AddValue(record.number(), &record.point(), *best);
  }
}

void DecideHowOn(EngineState& state, Worker& worker, Job& job, Trial& trial) {
  v1::TrialRecord& record = trial.record;
  const AttemptKey key{job.id(), record.number(), record.attempt()};
  const bool is_job_running = job.record.state() == v1::Job::RUNNING;
  const bool decides = job.scheduler->GrantsByRung() && record.prune_reason().empty() &&
                       IsAtGrantEnd(job, record) && !job.record.is_ending();
  if (decides && (is_job_running || !job.scheduler->Pauses())) {
    const std::optional<schedule::Promotion> promotion =
        job.scheduler->PromotesAtOnce(record.number(), OutlookOf(job));
    if (promotion.has_value()) {
      RaiseGrant(state, job, trial, promotion->until_epoch);
      v1::CoordinatorMessage message;
      *message.mutable_grant()->mutable_id() = IdOf(key);
      message.mutable_grant()->set_until_epoch(promotion->until_epoch);
      return Tell(state, *worker.session, std::move(message));
    }
  }
  if (decides && !job.scheduler->Pauses()) {
    TouchTrial(state, job, trial);
    DecidePrune(job, record, job.scheduler->WhyNotPromoted(record.number()));
  }
  const v1::Stop::Reason reason = DesiredStop(job, record);
  if (reason == v1::Stop::REASON_UNSPECIFIED) return;
  // Told when the job was paused, the trial adjusted, or the time was over.
  if (reason == v1::Stop::PAUSED && (!is_job_running || !WaitsAtRung(job, record))) return;
  if (job.record.is_ending()) return;
  TellStop(state, *worker.session, key, reason);
}

void ScheduleWait(Job& job, Trial& trial) {
  v1::TrialRecord& record = trial.record;
  record.mutable_judgements(record.judgements_size() - 1)
      ->set_paused_at_sequence(job.record.sequence());
  job.scheduler->OnPaused(record.number());
}

void ScheduleEnd(Job& job, const Trial& trial) {
  if (job.scheduler == nullptr) return;
  job.scheduler->OnEnded(trial.record.number(), trial.record.state() == v1::Trial::COMPLETED);
}

bool WaitsAtRung(const Job& job, const v1::TrialRecord& record) {
  return job.scheduler->Pauses() && IsAtGrantEnd(job, record) && record.prune_reason().empty();
}

std::optional<schedule::Promotion> NextPromotion(Job& job) {
  if (!job.scheduler->Pauses() || job.counts[v1::Trial::PAUSED] == 0) return std::nullopt;
  if (job.record.is_ending()) return std::nullopt;
  return job.scheduler->NextPromotion(OutlookOf(job));
}

Trial& Promote(EngineState& state, Job& job, const schedule::Promotion& promotion) {
  Trial& trial = job.trial(promotion.trial);
  CAVIAR_CHECK(trial.record.state() == v1::Trial::PAUSED && WaitsAtRung(job, trial.record))
      << "trial " << promotion.trial << " of job " << job.id();
  RaiseGrant(state, job, trial, promotion.until_epoch);
  LeaveState(job, trial);
  if (promotion.copy_from > 0) {
    CopyTrial(state, job, trial.record, job.trial(promotion.copy_from).record);
  }
  trial.record.set_state(v1::Trial::PENDING);
  EnterState(job, trial);
  if (promotion.copy_from > 0) UpdateRank(job, trial);
  return trial;
}

bool CanBecomeModel(const v1::TrialRecord& record) {
  return record.checkpoint_epoch() > 0 && record.checkpoint_progress().has_value() &&
         record.checkpoint_progress().best_epoch() == record.best_epoch();
}

bool GiveBestItsModel(EngineState& state, Job& job) {
  if (job.record.is_ending() || job.leaderboard.empty()) return false;
  Trial& best = job.trial(job.leaderboard.best());
  v1::TrialRecord& record = best.record;
  if (record.state() != v1::Trial::PAUSED || !WaitsAtRung(job, record)) return false;
  if (!CanBecomeModel(record)) return false;
  TurnIntoModel(state, job, best, job.scheduler->WhyNotPromoted(record.number()));
  return true;
}

void TurnIntoModel(EngineState& state, Job& job, Trial& trial, const std::string& reason) {
  v1::TrialRecord& record = trial.record;
  TouchTrial(state, job, trial);
  if (record.state() == v1::Trial::PAUSED && WaitsAtRung(job, record)) {
    job.scheduler->OnGivenUp(record.number());
  }
  DecidePrune(job, record, reason);
  LeaveState(job, trial);
  record.set_is_held(false);
  record.set_state(v1::Trial::PENDING);
  EnterState(job, trial);
}

}  // namespace caviar::engine
