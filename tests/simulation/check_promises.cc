// Persist, then send: what leaves the coordinator is durable by then, and is there after a crash.
#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/simulation/checker.h"

namespace caviar::simulation {

using engine::IsLive;

void Checker::OnStart(const engine::EngineState& state, const store::MemoryDisk& durable) {
  latest_ = durable;
  // Nothing that was promised may be gone.
  for (const auto& [key, promise] : acknowledged_) {
    if (deleted_jobs_.contains(key.first) && !durable.jobs.contains(key.first)) continue;
    const v1::TrialRecord* const record = FindTrial(key);
    const bool is_there = record != nullptr && (record->attempt() > promise.first ||
                                                record->last_sequence() >= promise.second);
    if (!is_there) Fail(absl::StrCat(Name(key), ": an acknowledged measurement is gone"));
  }
  for (const auto& [key, ended] : ended_) {
    if (deleted_jobs_.contains(key.first) && !durable.jobs.contains(key.first)) continue;
    const v1::TrialRecord* const record = FindTrial(key);
    if (record == nullptr || record->state() != ended) {
      Fail(absl::StrCat(Name(key), ": an acknowledged end is gone"));
    }
  }
  CheckAll(state);
}

void Checker::CheckSends(const engine::Effects& effects) {
  for (const engine::Send& send : effects.sends) {
    // Nothing is ever lost here that was acknowledged.
    if (const auto* behind = std::get_if<engine::StoreIsBehind>(&send)) Fail(behind->evidence);
    const auto* tell = std::get_if<engine::TellWorker>(&send);
    if (tell == nullptr || !tell->message.has_assign()) continue;
    const v1::Assign& assign = tell->message.assign();
    const auto job = latest_.jobs.find(assign.id().job());
    if (job == latest_.jobs.end() || job->second.state() != v1::Job::RUNNING) {
      Fail(absl::StrCat("job ", assign.id().job(), " is not running, but a trial was assigned"));
    }
    if (!assign.checkpoint_digest().empty() && !artifacts_.contains(assign.checkpoint_digest())) {
      Fail("a trial was assigned from a checkpoint that is gone");
    }
  }
}

void Checker::OnRelease(const engine::Send& send, const store::MemoryDisk& durable) {
  const auto find = [&](const v1::AttemptId& id) -> const v1::TrialRecord* {
    const auto trial = durable.trials.find({id.job(), id.trial()});
    return trial == durable.trials.end() ? nullptr : &trial->second;
  };
  const auto is_gone = [&](const v1::AttemptId& id) {
    return deleted_jobs_.contains(id.job()) && !durable.jobs.contains(id.job());
  };
  if (const auto* reply = std::get_if<engine::Reply>(&send)) {
    if (!reply->answer.ok()) return;
    const auto* job = std::get_if<v1::Job>(&*reply->answer);
    if (job != nullptr && !durable.jobs.contains(job->id()) && !deleted_jobs_.contains(job->id())) {
      Fail(absl::StrCat("job ", job->id(), " was acknowledged before it was durable"));
    }
    return;
  }
  const auto* tell = std::get_if<engine::TellWorker>(&send);
  if (tell == nullptr) return;
  const v1::CoordinatorMessage& message = tell->message;
  if (message.has_assign()) {
    const v1::AttemptId& id = message.assign().id();
    const v1::TrialRecord* const trial = find(id);
    if (!is_gone(id) && (trial == nullptr || trial->attempt() < id.attempt())) {
      Fail(absl::StrCat(Name({id.job(), id.trial()}), ": attempt ", id.attempt(),
                        " was assigned before it was durable"));
    }
  } else if (message.has_ack()) {
    const v1::AttemptId& id = message.ack().id();
    const v1::TrialRecord* const trial = find(id);
    if (is_gone(id)) return;
    if (trial == nullptr ||
        (trial->attempt() == id.attempt() && trial->last_sequence() < message.ack().sequence())) {
      Fail(absl::StrCat(Name({id.job(), id.trial()}), ": sequence ", message.ack().sequence(),
                        " was acknowledged before it was durable"));
    }
    auto& promise = acknowledged_[{id.job(), id.trial()}];
    promise = std::max(promise, {id.attempt(), message.ack().sequence()});
  } else if (message.has_finish_ack()) {
    const v1::AttemptId& id = message.finish_ack().id();
    const v1::TrialRecord* const trial = find(id);
    if (is_gone(id)) return;
    if (trial == nullptr ||
        (trial->state() == v1::Trial::RUNNING && trial->attempt() == id.attempt())) {
      Fail(absl::StrCat(Name({id.job(), id.trial()}),
                        ": its end was acknowledged before it was "
                        "durable"));
    } else if (!IsLive(trial->state())) {
      ended_[{id.job(), id.trial()}] = trial->state();
    }
  } else if (message.has_resend_from()) {
    ++reached_["gap"];
  } else if (message.has_stop()) {
    ++reached_[absl::StrCat("Stop ", v1::Stop::Reason_Name(message.stop().reason()))];
  } else if (message.has_registered()) {
    for (const v1::DesiredAttempt& attempt : message.registered().attempts()) {
      ++reached_[absl::StrCat("desired ", v1::DesiredAttempt::State_Name(attempt.state()))];
    }
  }
}

}  // namespace caviar::simulation
