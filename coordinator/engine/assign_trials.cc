#include "coordinator/engine/assign_trials.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/status/check.h"
#include "coordinator/engine/budget.h"
#include "coordinator/engine/point_ahead.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_life.h"
#include "google/protobuf/util/message_differencer.h"

namespace caviar::engine {
namespace {

// Trials that the job may start before max_parallel_trials.
size_t Room(const Job& job) {
  if (job.record.state() != v1::Job::RUNNING) return 0;
  const int32_t bound = job.spec().max_parallel_trials();
  if (bound <= 0) return SIZE_MAX;
  return job.running() >= static_cast<uint32_t>(bound) ? 0 : bound - job.running();
}

// Rounds are known better as their trials end: a newer box takes the place of an older one.
void RecordZoomRound(EngineState& state, Job& job, v1::ZoomRound round) {
  for (v1::ZoomRound& known : *job.record.mutable_zoom_rounds()) {
    if (known.first_trial() != round.first_trial()) continue;
    if (google::protobuf::util::MessageDifferencer::Equals(known, round)) return;
    known = std::move(round);
    return TouchJobRecord(state, job);
  }
  *job.record.add_zoom_rounds() = std::move(round);
  TouchJobRecord(state, job);
}

// Null if the sampler has no further point. Requires: the job has a grant for it (RefreshRunnable).
Trial* CreateNextTrial(EngineState& state, Job& job) {
  const std::optional<uint32_t> grant = NextGrant(job);
  CAVIAR_CHECK(grant.has_value()) << "job " << job.id() << " is queued with nothing to hand out";
  std::optional<SampledPoint> sampled = TakePoint(state, job);
  if (!sampled.has_value()) return nullptr;
  if (sampled->proposal.zoom_round.has_value()) {
    RecordZoomRound(state, job, *std::move(sampled->proposal.zoom_round));
  }
  return &CreateTrial(state, job, std::move(sampled->proposal), sampled->at_sequence, *grant);
}

// Null if there is none after all, or if it is one of the suspects.
Trial* NextTrial(EngineState& state, Job& job) {
  if (!job.ready.empty()) return &job.trial(*job.ready.begin());
  const std::optional<schedule::Promotion> promotion = NextPromotion(job);
  if (!promotion.has_value()) return CreateNextTrial(state, job);
  Trial& promoted = Promote(state, job, *promotion);
  return job.suspects.contains(promotion->trial) ? nullptr : &promoted;
}

// Whether the job's next trial is better for what one that was trained just now may still tell.
bool WaitsForEnds(const Job& job) {
  return job.ready.empty() && job.sampler != nullptr &&
         (job.sampler->uses_observations() || job.sampler->uses_history());
}

// The job whose turn it is on this worker, null if none wants the slot now.
Job* NextJob(EngineState& state, const Worker& worker) {
  for (const auto& [load, id] : state.runnable) {
    Job& job = *state.FindJob(id);
    if (worker.has_slot_without_trained() || !WaitsForEnds(job)) return &job;
  }
  return nullptr;
}

void AssignSuspects(EngineState& state) {
  size_t waiting = 0;
  const std::vector<uint32_t> jobs(state.jobs_with_suspects.begin(),
                                   state.jobs_with_suspects.end());
  for (const uint32_t id : jobs) {
    Job& job = *state.FindJob(id);
    while (!job.suspects.empty() && Room(job) > 0) {
      Worker* const worker = state.workers.FindIdle();
      if (worker == nullptr) break;
      StartAttempt(state, job, job.trial(*job.suspects.begin()), *worker);
    }
    waiting += std::min(job.suspects.size(), Room(job));
    RefreshRunnable(state, job);
  }
  state.workers.HoldExactly(std::min(waiting, std::max<size_t>(1, state.workers.connected() / 2)));
}

}  // namespace

void RefreshRunnable(EngineState& state, Job& job) {
  if (job.runnable_load.has_value()) state.runnable.erase({*job.runnable_load, job.id()});
  job.runnable_load.reset();
  if (!job.suspects.empty() && Room(job) > 0) {
    state.jobs_with_suspects.insert(job.id());
  } else {
    state.jobs_with_suspects.erase(job.id());
  }
  if (Room(job) == 0) return;
  const bool may_create = NextGrant(job).has_value() && HasPoint(job);
  if (job.ready.empty() && !NextPromotion(job).has_value() && !may_create) return;
  job.runnable_load = job.running() / job.weight();
  state.runnable.insert({*job.runnable_load, job.id()});
}

void AssignTrials(EngineState& state) {
  AssignSuspects(state);
  while (!state.runnable.empty()) {
    Worker* const worker = state.workers.MostFree();
    if (worker == nullptr) return;
    Job* const job = NextJob(state, *worker);
    if (job == nullptr) return;
    Trial* const trial = NextTrial(state, *job);
    if (trial != nullptr) StartAttempt(state, *job, *trial, *worker);
    RefreshRunnable(state, *job);
    // One that was promoted may want a worker alone.
    if (trial == nullptr && !job->suspects.empty()) AssignSuspects(state);
  }
}

}  // namespace caviar::engine
