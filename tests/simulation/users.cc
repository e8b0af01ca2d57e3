#include "tests/simulation/users.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/queries.h"
#include "tests/simulation/world.h"

namespace caviar::simulation {

Users::Users(World& world, uint64_t seed) : world_(world), rng_(DeriveSeed(seed, "users")) {}

void Users::Start() {
  jobs_.resize(world_.swarm().jobs.size());
  for (size_t i = 0; i < jobs_.size(); ++i) {
    jobs_[i].spec = i;
    world_.heap().After(absl::Milliseconds(rng_.UniformInt(10'000)), [this, i] { Submit(i); });
  }
}

void Users::Submit(size_t index) {
  engine::UserAsked asked;
  v1::SubmitJobRequest request;
  *request.mutable_spec() = world_.swarm().jobs[jobs_[index].spec];
  request.set_request_id(absl::StrCat("submit", index));
  asked.ask = std::move(request);
  Ask(index, std::move(asked));
}

void Users::Ask(size_t job, engine::UserAsked asked) {
  const uint64_t id = ++calls_made_;
  calls_[id] = {job, std::move(asked)};
  Repeat(id);
}

void Users::Repeat(uint64_t id) {
  const auto call = calls_.find(id);
  if (call == calls_.end()) return;
  // Its number is the call's, so that a late answer to an earlier try counts.
  engine::UserAsked asked = call->second.asked;
  asked.request = engine::RequestId{id};
  if (++call->second.tries > 1) ++world_.checker().reached()["repeated call"];
  world_.coordinator().Post(std::move(asked));
  world_.heap().After(absl::Milliseconds(2000 + rng_.UniformInt(3000)), [this, id] { Repeat(id); });
}

void Users::OnReply(const engine::Reply& reply) {
  const auto found = calls_.find(static_cast<uint64_t>(reply.request));
  if (found == calls_.end()) return;
  const Call call = std::move(found->second);
  calls_.erase(found);
  UserJob& job = jobs_[call.job];
  if (std::holds_alternative<v1::SubmitJobRequest>(call.asked.ask)) {
    if (!reply.answer.ok()) {
      return world_.checker().Fail(absl::StrCat("submit: ", reply.answer.status().ToString()));
    }
    const uint32_t id = std::get<v1::Job>(*reply.answer).id();
    for (const UserJob& other : jobs_) {
      if (other.id == id) world_.checker().Fail("two submissions got one job");
    }
    job.id = id;
    Watch(call.job);
  }
  if (std::holds_alternative<v1::AddTrialsRequest>(call.asked.ask) && reply.answer.ok()) {
    ++world_.checker().reached()["points added"];
    for (const v1::Trial& trial : std::get<v1::AddTrialsResponse>(*reply.answer).trials()) {
      if (!added_.insert({job.id, trial.number()}).second) {
        world_.checker().Fail(
            absl::StrCat("trial ", job.id, "/", trial.number(), " came of two ", "additions"));
      }
    }
  }
  if (std::holds_alternative<v1::DeleteJobRequest>(call.asked.ask)) {
    const bool is_gone =
        reply.answer.ok() || reply.answer.status().code() == absl::StatusCode::kNotFound;
    if (is_gone) job.is_deleted = true;
  }
}

void Users::Meddle(Rng& rng) {
  const size_t index = rng.UniformInt(static_cast<uint32_t>(jobs_.size()));
  UserJob& job = jobs_[index];
  const uint32_t what = rng.UniformInt(10);
  const uint32_t trials = 1 + rng.UniformInt(3);
  if (job.id == 0 || job.is_deleted) return;
  if (rng_.UniformInt(8) == 0) AddPoints(index);
  const std::string name = absl::StrCat(job.id);
  engine::UserAsked asked;
  if (what < 3) {
    v1::PauseJobRequest request;
    request.set_job(name);
    asked.ask = request;
  } else if (what < 6) {
    v1::ResumeJobRequest request;
    request.set_job(name);
    asked.ask = request;
  } else if (what < 8) {
    v1::ExtendJobRequest request;
    request.set_job(name);
    request.set_trials(trials);
    request.set_request_id(absl::StrCat("extend", ++extends_));
    job.is_final = false;
    asked.ask = request;
  } else if (what < 9) {
    v1::CancelJobRequest request;
    request.set_job(name);
    asked.ask = request;
  } else {
    v1::DeleteJobRequest request;
    request.set_job(name);
    asked.ask = request;
  }
  world_.Note("user asks", "", job.id, what);
  Ask(index, std::move(asked));
}

void Users::AddPoints(size_t index) {
  v1::AddTrialsRequest request;
  request.set_job(absl::StrCat(jobs_[index].id));
  request.set_request_id(absl::StrCat("add", ++additions_));
  for (uint32_t i = 0; i <= rng_.UniformInt(3); ++i) {
    auto& fields = *request.add_points()->mutable_fields();
    if (rng_.UniformInt(2) == 0) fields["learning_rate"].set_number_value(0.01);
  }
  world_.Note("user adds", "", jobs_[index].id, static_cast<uint64_t>(request.points_size()));
  engine::UserAsked asked;
  asked.ask = std::move(request);
  Ask(index, std::move(asked));
}

void Users::AdjustSome(Rng& rng) {
  const size_t index = rng.UniformInt(static_cast<uint32_t>(jobs_.size()));
  const uint32_t what = rng.UniformInt(10);
  const uint32_t which = rng.UniformInt(1000);
  const engine::EngineState* const state = world_.coordinator().state();
  const engine::Job* const job = state == nullptr ? nullptr : state->FindJob(jobs_[index].id);
  if (job == nullptr || job->live.empty()) return;
  auto live = job->live.begin();
  std::advance(live, which % job->live.size());
  const v1::TrialRecord& record = job->trial(*live).record;
  v1::AdjustTrialRequest request;
  request.set_job(absl::StrCat(job->id()));
  request.set_trial(*live);
  if (what >= 7) request.set_rollback_to_epoch(rng.UniformInt(record.epochs_high() + 1));
  if (what == 5) request.set_action(v1::AdjustTrialRequest::PAUSE);
  if (what == 6) request.set_action(v1::AdjustTrialRequest::RESUME);
  if (what < 5 || what == 9) {
    (*request.mutable_set()->mutable_fields())["dropout"].set_number_value(0.1 * rng.UniformInt(5));
  }
  world_.Note("user adjusts", "", job->id(), *live, what);
  engine::UserAsked asked;
  asked.ask = request;
  Ask(index, std::move(asked));
}

void Users::ResumeAll() {
  const engine::EngineState* const state = world_.coordinator().state();
  for (size_t i = 0; i < jobs_.size() && state != nullptr; ++i) {
    const engine::Job* const job = state->FindJob(jobs_[i].id);
    for (const uint32_t number : job == nullptr ? absl::btree_set<uint32_t>() : job->live) {
      if (!job->trial(number).record.is_held()) continue;
      v1::AdjustTrialRequest request;
      request.set_job(absl::StrCat(jobs_[i].id));
      request.set_trial(number);
      request.set_action(v1::AdjustTrialRequest::RESUME);
      engine::UserAsked asked;
      asked.ask = request;
      Ask(i, std::move(asked));
    }
    if (job == nullptr || job->record.state() != v1::Job::PAUSED) continue;
    v1::ResumeJobRequest request;
    request.set_job(absl::StrCat(jobs_[i].id));
    engine::UserAsked asked;
    asked.ask = request;
    Ask(i, std::move(asked));
  }
}

// Polls as a stream would push: small pieces, from the cursor, over restarts.
void Users::Watch(size_t index) {
  UserJob& watched = jobs_[index];
  const uint32_t id = watched.id;
  world_.coordinator().Ask([this, index, id](const engine::EngineState& state) {
    UserJob& job = jobs_[index];
    const uint64_t skipped = world_.bug() == PlantedBug::kCursorOffByOne && job.cursor > 0 ? 1 : 0;
    absl::StatusOr<engine::JobChanges> changes =
        engine::ChangesAfter(state, id, job.cursor + skipped, 1 + rng_.UniformInt(4));
    if (!changes.ok()) {
      if (absl::IsNotFound(changes.status()))
        job.is_deleted = true;
      else if (skipped == 0)
        world_.checker().Fail(absl::StrCat("watch: ", changes.status().ToString()));
      return;
    }
    if (changes->through_sequence < job.cursor) world_.checker().Fail("a watcher's cursor fell");
    for (v1::Trial& trial : changes->trials) job.trials[trial.number()] = std::move(trial);
    if (changes->job.has_value()) job.job = *std::move(changes->job);
    job.cursor = changes->through_sequence;
    job.is_final = changes->is_final;
  });
  if (watched.is_deleted) return;
  world_.heap().After(absl::Milliseconds(200 + rng_.UniformInt(world_.is_chaos() ? 3000 : 500)),
                      [this, index] { Watch(index); });
}

bool Users::IsDone(const engine::EngineState& state) const {
  if (!calls_.empty()) return false;
  return std::all_of(jobs_.begin(), jobs_.end(), [&](const UserJob& job) {
    if (job.id == 0) return false;
    const engine::Job* const found = state.FindJob(job.id);
    if (found == nullptr) return job.is_deleted;
    return found->has_ended() && job.is_final && job.cursor == found->record.sequence();
  });
}

void Users::CheckWatchers(const engine::EngineState& state) {
  for (const UserJob& watched : jobs_) {
    const engine::Job* const job = state.FindJob(watched.id);
    if (job == nullptr) continue;
    const v1::Job view = engine::JobView(*job);
    if (watched.trials.size() != job->trials.size()) {
      world_.checker().Fail(absl::StrCat("the watcher of job ", watched.id, " saw ",
                                         watched.trials.size(), " of ", job->trials.size(),
                                         " trials"));
      continue;
    }
    for (const engine::Trial& trial : job->trials) {
      const v1::Trial seen = watched.trials.at(trial.record.number());
      const v1::Trial is = engine::TrialView(trial);
      if (seen.state() != is.state() || seen.value() != is.value() ||
          seen.epochs() != is.epochs() || seen.attempt() != is.attempt() ||
          seen.adjustments_size() != is.adjustments_size()) {
        world_.checker().Fail(absl::StrCat("the watcher of job ", watched.id,
                                           " does not know how trial ", is.number(), " ended"));
      }
    }
    if (watched.job.state() != view.state() || watched.job.best_trial() != view.best_trial() ||
        watched.job.trials().completed() != view.trials().completed()) {
      world_.checker().Fail(
          absl::StrCat("the watcher of job ", watched.id, " does not know how it ended"));
    }
  }
}

}  // namespace caviar::simulation
