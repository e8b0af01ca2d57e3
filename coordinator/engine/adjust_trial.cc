#include "coordinator/engine/adjust_trial.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hyperparameters/hyperparameters.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/adjustments.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/roll_back.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_life.h"

namespace caviar::engine {
namespace {

using google::protobuf::Struct;

std::string SchedulerName(const v1::JobSpec& spec) {
  const v1::TrialScheduler& scheduler = spec.scheduler();
  const auto* field = v1::TrialScheduler::descriptor()->FindFieldByNumber(scheduler.kind_case());
  return field == nullptr ? "full" : field->name();
}

absl::Status CheckScheduler(const Job& job, bool rolls_back) {
  const std::string name = SchedulerName(job.spec());
  if (job.scheduler->GrantsByRung()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the trials of job ", job.id(), " are compared with each other by its scheduler (", name,
        "), which a hand on one of them would make unfair; use scheduler: {full: {}}"));
  }
  if (!rolls_back || name == "full") return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("rollback_to_epoch: job ", job.id(), " has the scheduler ", name,
                   ", which has judged the epochs that would be undone; only with "
                   "scheduler: {full: {}} can a trial go back"));
}

// One that was held where its epochs are used up must be let go, to become a model.
bool IsOnlyResumed(const v1::AdjustTrialRequest& request) {
  return request.action() == v1::AdjustTrialRequest::RESUME && request.set().fields().empty() &&
         !request.has_rollback_to_epoch();
}

absl::Status CheckLives(const Job& job, const v1::TrialRecord& record,
                        const v1::AdjustTrialRequest& request) {
  const std::string name = absl::StrCat("trial ", record.number(), " of job ", job.id());
  if (!IsLive(record.state())) {
    return absl::FailedPreconditionError(absl::StrCat(name, " has ended (",
                                                      v1::Trial::State_Name(record.state()),
                                                      "); only a trial under way can be adjusted"));
  }
  if (DesiredStop(job, record) == v1::Stop::PRUNED && !IsOnlyResumed(request)) {
    return absl::FailedPreconditionError(absl::StrCat(name, " is ending: its job has used up its ",
                                                      "budget, or the trial was pruned"));
  }
  return absl::OkStatus();
}

// The rollback that the trial is coming to, or came to last: asked again, it is done already.
bool IsDone(const Job& job, const v1::TrialRecord& record, uint32_t epoch, const Struct& set) {
  if (record.adjustments().empty() || record.has_next_adjustment()) return false;
  const v1::Adjustment& last = *record.adjustments().rbegin();
  return last.rolled_back_from() > 0 && last.after_epoch() == epoch &&
         record.epochs_high() <= epoch &&
         WhatChanges(ValuesAfter(job.spec(), record, epoch), set).fields().empty();
}

absl::Status CheckEpochs(const Job& job, const v1::TrialRecord& record,
                         const v1::AdjustTrialRequest& request) {
  const auto epochs = static_cast<uint32_t>(job.spec().budget().epochs());
  if (request.has_rollback_to_epoch()) {
    const uint32_t to = request.rollback_to_epoch();
    if (to > record.epochs_high()) {
      return absl::InvalidArgumentError(absl::StrCat("rollback_to_epoch: trial ", record.number(),
                                                     " has come to epoch ", record.epochs_high(),
                                                     ", not to ", to));
    }
    if (to == epochs && !request.set().fields().empty()) {
      return absl::InvalidArgumentError(absl::StrCat("rollback_to_epoch: no epoch is left after ",
                                                     to, " in which the change could count"));
    }
  } else if (!request.set().fields().empty() && NextAdjustmentEpoch(record) >= epochs) {
    return absl::FailedPreconditionError(
        absl::StrCat("trial ", record.number(), " of job ", job.id(), " has trained all of its ",
                     epochs, " epochs; roll it back to train on from an earlier one"));
  }
  if (record.adjustments_size() < kAdjustmentsMax) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("trial ", record.number(), " of job ", job.id(),
                                                   " was adjusted ", kAdjustmentsMax,
                                                   " times already; cancel it or let it end"));
}

// Its worker hands it back for a pause or a change. `was_told`: by an earlier one.
void AskBack(EngineState& state, const Job& job, const v1::TrialRecord& record, bool was_told) {
  if (was_told || record.state() != v1::Trial::RUNNING) return;
  if (DesiredStop(job, record) != v1::Stop::PAUSED) return;
  const Worker* const worker = state.workers.Find(record.worker_id());
  if (worker == nullptr || !worker->session.has_value()) return;  // it hears in its next session
  TellStop(state, *worker->session, {job.id(), record.number(), record.attempt()},
           v1::Stop::PAUSED);
}

void Change(EngineState& state, Job& job, Trial& trial, const Struct& set) {
  v1::TrialRecord& record = trial.record;
  const Struct values = ValuesAfter(job.spec(), record, NextAdjustmentEpoch(record));
  Struct wanted = record.next_adjustment().set();
  for (const auto& [name, value] : set.fields()) (*wanted.mutable_fields())[name] = value;
  wanted = WhatChanges(values, wanted);
  if (wanted.fields().empty() && !record.has_next_adjustment()) return;
  TouchTrial(state, job, trial);
  if (wanted.fields().empty()) return record.clear_next_adjustment();
  v1::Adjustment& next = *record.mutable_next_adjustment();
  *next.mutable_replaced() = WhatIsReplaced(values, wanted);
  *next.mutable_set() = std::move(wanted);
  *next.mutable_created_at() = TimestampOf(state.now);
  if (record.state() != v1::Trial::RUNNING) TakeUpAdjustment(state, job.spec(), record);
}

}  // namespace

absl::Status AdjustTrial(EngineState& state, Job& job, Trial& trial,
                         const v1::AdjustTrialRequest& request) {
  v1::TrialRecord& record = trial.record;
  const v1::AdjustTrialRequest::Action action = request.action();
  const bool rolls_back = request.has_rollback_to_epoch();
  if (request.set().fields().empty() && !rolls_back &&
      action == v1::AdjustTrialRequest::ACTION_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        "nothing is asked for: give set, action or rollback_to_epoch");
  }
  CAVIAR_RETURN_IF_ERROR(CheckLives(job, record, request));
  CAVIAR_RETURN_IF_ERROR(CheckScheduler(job, rolls_back));
  CAVIAR_RETURN_IF_ERROR(CheckAdjustment(request.set()));
  const bool is_done =
      rolls_back && IsDone(job, record, request.rollback_to_epoch(), request.set());
  if (!is_done) CAVIAR_RETURN_IF_ERROR(CheckEpochs(job, record, request));

  const bool was_told = DesiredStop(job, record) == v1::Stop::PAUSED;
  if (rolls_back && !is_done) {
    RollBack(state, job, trial, request.rollback_to_epoch(), request.set());
  } else if (!rolls_back && !request.set().fields().empty()) {
    Change(state, job, trial, request.set());
  }
  if (action == v1::AdjustTrialRequest::PAUSE) Hold(state, job, trial);
  if (action == v1::AdjustTrialRequest::RESUME) LetGo(state, job, trial);
  AskBack(state, job, record, was_told);
  return absl::OkStatus();
}

}  // namespace caviar::engine
