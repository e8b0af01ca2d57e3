#include "coordinator/engine/on_user_asked.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/adjust_trial.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/queries.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/warm_start.h"

namespace caviar::engine {
namespace {

absl::StatusOr<Job*> Resolve(EngineState& state, absl::string_view name) {
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t id, ResolveJob(state, name));
  return state.FindJob(id);
}

absl::StatusOr<Job*> Extend(EngineState& state, const v1::ExtendJobRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
  const std::string& id = request.request_id();
  if (id.size() > kRequestIdBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("request_id: at most ", kRequestIdBytesMax, " characters"));
  }
  for (const v1::Extension& known : job->record.extensions()) {
    if (id.empty() || known.request_id() != id) continue;
    if (known.trials() == request.trials()) return job;
    return absl::AlreadyExistsError(absl::StrCat("request_id \"", id, "\" extended job ", job->id(),
                                                 " by ", known.trials(), " trials, not by ",
                                                 request.trials()));
  }
  if (job->record.extensions_size() >= kExtendRequestsMax) {
    return absl::ResourceExhaustedError(absl::StrCat("job ", job->id(), " was extended ",
                                                     kExtendRequestsMax,
                                                     " times already; submit a new job"));
  }
  CAVIAR_RETURN_IF_ERROR(ExtendJob(state, *job, request.trials()));
  if (!id.empty()) {
    v1::Extension& extension = *job->record.add_extensions();
    extension.set_request_id(id);
    extension.set_trials(request.trials());
  }
  return job;
}

absl::Status Delete(EngineState& state, const v1::DeleteJobRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
  if (!job->has_ended()) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job->id(), " (", job->spec().name(),
                                                      ") has not ended; cancel it first"));
  }
  if (const Job* const learner = LearnerFrom(state, job->id()); learner != nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "job ", learner->id(), " (", learner->spec().name(), ") learns from job ", job->id(),
        " (warm_start) and has not ended; wait for it, or cancel it first"));
  }
  for (const Trial& trial : job->trials) state.artifacts.Remove(trial.record.model_digest());
  const uint32_t id = job->id();
  EraseJob(state, id);
  state.step.effects.writes.push_back(DeleteJobRecord{id});
  // Those who watch it learn that it is gone.
  state.step.effects.sends.push_back(JobChanged{id, /*has_ended=*/true});
  return absl::OkStatus();
}

// What to answer with: a job, a trial of it, or nothing.
struct Subject {
  Job* job = nullptr;
  uint32_t trial = 0;
};

// One overload a request; each says what to answer.
struct Asked {
  EngineState& state;
  const UserAsked& asked;

  absl::StatusOr<Subject> operator()(const v1::SubmitJobRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, SubmitJob(state, request, asked.random_seed));
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::PauseJobRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
    CAVIAR_RETURN_IF_ERROR(PauseJob(state, *job));
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::ResumeJobRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
    CAVIAR_RETURN_IF_ERROR(ResumeJob(state, *job));
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::ExtendJobRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, Extend(state, request));
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::AddTrialsRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
    CAVIAR_ASSIGN_OR_RETURN(const v1::Addition added, AddTrials(state, *job, request));
    AnswerWithTrials(state, asked.request, *job, added.first(), added.count());
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::RerunJobRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, RerunJob(state, request, asked.random_seed));
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::CancelJobRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
    CancelJob(state, *job);
    return Subject{job};
  }
  absl::StatusOr<Subject> operator()(const v1::AdjustTrialRequest& request) {
    CAVIAR_ASSIGN_OR_RETURN(Job* const job, Resolve(state, request.job()));
    Trial* const trial = job->FindTrial(request.trial());
    if (trial == nullptr) {
      return absl::NotFoundError(absl::StrCat("job ", job->id(), " has no trial ", request.trial(),
                                              "; it has ", job->trials.size()));
    }
    CAVIAR_RETURN_IF_ERROR(AdjustTrial(state, *job, *trial, request));
    return Subject{job, request.trial()};
  }
  // Deletions have nothing to show.
  absl::StatusOr<Subject> operator()(const v1::DeleteJobRequest& request) {
    CAVIAR_RETURN_IF_ERROR(Delete(state, request));
    return Subject();
  }
  absl::StatusOr<Subject> operator()(const v1::DeleteDatasetRequest& request) {
    CAVIAR_RETURN_IF_ERROR(DeleteDataset(state, request.name()));
    return Subject();
  }
};

}  // namespace

void OnUserAsked(EngineState& state, const UserAsked& asked) {
  const absl::StatusOr<Subject> subject = std::visit(Asked{state, asked}, asked.ask);
  if (!subject.ok()) return AnswerWithError(state, asked.request, subject.status());
  if (state.step.trials_reply.has_value()) return;  // it is answered with them
  if (subject->trial > 0) {
    return AnswerWithTrial(state, asked.request, *subject->job, subject->trial);
  }
  if (subject->job != nullptr) return AnswerWithJob(state, asked.request, *subject->job);
  state.step.effects.sends.push_back(Reply{asked.request, std::monostate()});
}

}  // namespace caviar::engine
