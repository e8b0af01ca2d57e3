#include "coordinator/engine/engine_state.h"

#include "common/status/check.h"

namespace caviar::engine {

Job& InsertJob(EngineState& state, std::unique_ptr<Job> job) {
  const uint32_t id = job->id();
  CAVIAR_CHECK(!state.jobs.contains(id)) << "job " << id;
  Job& inserted = *job;
  state.jobs[id] = std::move(job);
  if (!inserted.record.request_id().empty()) {
    state.job_by_request[inserted.record.request_id()] = id;
  }
  state.jobs_by_name[inserted.spec().name()].insert(id);
  if (!inserted.has_ended()) ++state.live_jobs;
  return inserted;
}

void EraseJob(EngineState& state, uint32_t id) {
  const auto entry = state.jobs.find(id);
  CAVIAR_CHECK(entry != state.jobs.end()) << "job " << id;
  Job& job = *entry->second;
  CAVIAR_CHECK(job.has_ended() && job.live.empty()) << "job " << id;
  std::erase(state.step.jobs, &job);
  std::erase_if(state.step.trials, [&](const auto& touched) { return touched.first == &job; });
  if (!job.record.request_id().empty()) state.job_by_request.erase(job.record.request_id());
  const auto named = state.jobs_by_name.find(job.spec().name());
  named->second.erase(id);
  if (named->second.empty()) state.jobs_by_name.erase(named);
  state.retests.Clear(id);
  state.jobs.erase(entry);
}

}  // namespace caviar::engine
