#include "coordinator/engine/step_changes.h"

#include <algorithm>
#include <utility>

#include "coordinator/engine/job_view.h"

namespace caviar::engine {
namespace {

void Stamp(Job& job, Trial& trial) {
  job.record.set_sequence(job.record.sequence() + 1);
  trial.record.set_changed_at_sequence(job.record.sequence());
}

void WriteTrials(EngineState& state) {
  for (const auto& [job, trial] : state.step.trials) {
    const uint32_t number = trial->record.number();
    const uint64_t sequence = trial->record.changed_at_sequence();
    job->changes.erase({trial->indexed_sequence, number});
    job->changes.insert({sequence, number});
    trial->indexed_sequence = sequence;
    trial->is_touched = false;
    state.step.effects.writes.push_back(trial->record);
  }
}

void WriteJobs(EngineState& state) {
  // By id, so that effects do not depend on the order in which a step came to the jobs.
  std::sort(state.step.jobs.begin(), state.step.jobs.end(),
            [](const Job* a, const Job* b) { return a->id() < b->id(); });
  for (Job* const job : state.step.jobs) {
    if (job->is_record_touched) {
      job->record.set_sequence(job->record.sequence() + 1);
      job->record.set_changed_at_sequence(job->record.sequence());
      state.step.effects.writes.push_back(job->record);
    }
    if (job->is_summary_touched) job->changed_at_sequence = job->record.sequence();
    if (job->is_summary_touched || job->is_record_touched) {
      state.step.effects.sends.push_back(JobChanged{job->id(), job->has_ended()});
    }
    job->is_touched = job->is_record_touched = job->is_summary_touched = false;
  }
}

}  // namespace

void VisitJob(EngineState& state, Job& job) {
  if (job.is_touched) return;
  job.is_touched = true;
  state.step.jobs.push_back(&job);
}

void TouchJob(EngineState& state, Job& job) {
  VisitJob(state, job);
  job.is_summary_touched = true;
}

void TouchJobRecord(EngineState& state, Job& job) {
  TouchJob(state, job);
  job.is_record_touched = true;
}

void TouchTrial(EngineState& state, Job& job, Trial& trial) {
  TouchJob(state, job);
  if (trial.is_touched) return;
  trial.is_touched = true;
  Stamp(job, trial);
  state.step.trials.emplace_back(&job, &trial);
}

void TouchTrialAnew(EngineState& state, Job& job, Trial& trial) {
  if (trial.is_touched) return Stamp(job, trial);
  TouchTrial(state, job, trial);
}

void StampEnd(EngineState& state, Job& job, Trial& trial) {
  TouchTrial(state, job, trial);
  Stamp(job, trial);
  trial.record.set_ended_at_sequence(job.record.sequence());
}

void Tell(EngineState& state, SessionId session, v1::CoordinatorMessage message) {
  state.step.effects.sends.push_back(TellWorker{session, std::move(message)});
}

void TellStop(EngineState& state, SessionId session, const AttemptKey& attempt,
              v1::Stop::Reason reason) {
  v1::CoordinatorMessage message;
  *message.mutable_stop()->mutable_id() = IdOf(attempt);
  message.mutable_stop()->set_reason(reason);
  Tell(state, session, std::move(message));
}

void Close(EngineState& state, SessionId session, absl::Status reason) {
  if (Worker* const worker = state.workers.FindBySession(session)) {
    state.workers.Disconnect(*worker);
  }
  state.step.effects.sends.push_back(CloseSession{session, std::move(reason)});
}

void AnswerWithError(EngineState& state, RequestId request, absl::Status error) {
  state.step.effects.sends.push_back(Reply{request, std::move(error)});
}

void AnswerWithJob(EngineState& state, RequestId request, const Job& job) {
  state.step.job_reply = {request, job.id()};
}

void AnswerWithTrials(EngineState& state, RequestId request, const Job& job, uint32_t first,
                      uint32_t count) {
  state.step.trials_reply = {request, job.id(), first, count};
}

void AnswerWithTrial(EngineState& state, RequestId request, const Job& job, uint32_t number) {
  state.step.trial_reply = {request, {job.id(), number}};
}

Effects FinishStep(EngineState& state) {
  if (state.step.engine_record) state.step.effects.writes.push_back(state.record);
  WriteTrials(state);
  WriteJobs(state);
  if (state.step.job_reply.has_value()) {
    const auto [request, id] = *state.step.job_reply;
    state.step.effects.sends.push_back(Reply{request, JobView(*state.FindJob(id))});
  }
  if (state.step.trials_reply.has_value()) {
    const StepChanges::TrialsReply& reply = *state.step.trials_reply;
    const Job& job = *state.FindJob(reply.job);
    v1::AddTrialsResponse answer;
    for (uint32_t i = 0; i < reply.count; ++i) {
      *answer.add_trials() = TrialView(job.trial(reply.first + i));
    }
    state.step.effects.sends.push_back(Reply{reply.request, std::move(answer)});
  }
  if (state.step.trial_reply.has_value()) {
    const auto [request, key] = *state.step.trial_reply;
    const Trial& trial = state.FindJob(key.first)->trial(key.second);
    state.step.effects.sends.push_back(Reply{request, TrialView(trial)});
  }
  for (std::string& digest : state.artifacts.TakeDropped()) {
    state.step.effects.sends.push_back(ReleaseArtifact{std::move(digest)});
  }
  Effects effects = std::move(state.step.effects);
  state.step = StepChanges();
  effects.next_deadline =
      std::min({state.leases.next(), state.refusals.next(), state.forgettings.next(),
                state.wall_times.next(), state.retests.next()});
  return effects;
}

}  // namespace caviar::engine
