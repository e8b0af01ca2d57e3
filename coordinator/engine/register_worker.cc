#include "coordinator/engine/register_worker.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/text/name.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/silent_deaths.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_life.h"

namespace caviar::engine {
namespace {

absl::Status CheckRegister(const EngineState& state, const v1::Register& registration) {
  if (registration.protocol_min() > kProtocolVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the worker speaks protocol ", registration.protocol_min(), " and newer, this coordinator ",
        kProtocolVersion, ": upgrade the coordinator"));
  }
  if (registration.protocol_max() < kProtocolVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("the worker speaks protocol ", registration.protocol_max(),
                     " and older, this coordinator ", kProtocolVersion, ": upgrade the worker"));
  }
  if (!IsName(registration.worker_id())) {
    return absl::InvalidArgumentError("worker_id: must match [A-Za-z0-9._-]{1,128}");
  }
  if (registration.slots() < 1 || registration.slots() > kSlotsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("slots: must be in [1, ", kSlotsMax, "], not ", registration.slots()));
  }
  for (const std::string* text :
       {&registration.name(), &registration.hardware(), &registration.version()}) {
    if (text->size() > kWorkerTextBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("name, hardware, version: at most ",
                                                     kWorkerTextBytesMax, " characters each"));
    }
  }
  if (static_cast<uint32_t>(registration.running_size()) > 2 * kSlotsMax) {
    return absl::InvalidArgumentError("running: more attempts than two a slot");
  }
  const auto known = state.workers.workers().find(registration.worker_id());
  if (known == state.workers.workers().end()) {
    if (state.workers.workers().size() < kWorkersMax) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("this coordinator serves ", kWorkersMax, " workers already"));
  }
  if (known->second.incarnation.value_or(0) > registration.incarnation()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a later start of worker ", registration.worker_id(), " is registered"));
  }
  return absl::OkStatus();
}

// Ends what the worker should run but does not know of.
void LoseUnlisted(EngineState& state, Worker& worker, const v1::Register& registration,
                  bool has_restarted) {
  std::set<AttemptKey> listed;
  for (const v1::RunningAttempt& attempt : registration.running()) {
    listed.insert(KeyOf(attempt.id()));
  }
  const std::vector<AttemptKey> believed(worker.running.begin(), worker.running.end());
  for (const AttemptKey& key : believed) {
    if (listed.contains(key)) continue;
    Job& job = *state.FindJob(key.job);
    // The same process without the attempt never got its Assign: nothing died.
    LoseAttempt(state, job, job.trial(key.trial), has_restarted, "its process started anew");
  }
}

// How the record contradicts what the worker brings back; empty if it does not.
std::string WhatIsMissing(const EngineState& state, const v1::RunningAttempt& running) {
  const AttemptKey key = KeyOf(running.id());
  if (key.job >= state.record.next_job_id()) {
    return absl::StrCat("job ", key.job, ", where the next new one is ",
                        state.record.next_job_id());
  }
  const Job* const job = state.FindJob(key.job);
  if (job == nullptr) return "";  // deleted meanwhile
  if (key.trial > job->trials.size()) {
    return absl::StrCat("trial ", key.trial, " of job ", key.job, ", which has ",
                        job->trials.size());
  }
  if (key.trial == 0) return "";  // no worker was ever told that
  const v1::TrialRecord& record = job->trial(key.trial).record;
  const std::string attempt =
      absl::StrCat("attempt ", key.attempt, " of trial ", key.trial, " of job ", key.job);
  if (key.attempt > record.attempt()) {
    return absl::StrCat(attempt, ", where the newest is ", record.attempt());
  }
  if (key.attempt == record.attempt() && running.acknowledged_sequence() > record.last_sequence()) {
    return absl::StrCat(attempt, " acknowledged through ", running.acknowledged_sequence(),
                        ", where the store has ", record.last_sequence());
  }
  return "";
}

// One warning a registration, however much is missing.
void WarnOfLoss(EngineState& state, const v1::Register& registration) {
  std::string first;
  int count = 0;
  for (const v1::RunningAttempt& running : registration.running()) {
    const std::string missing = WhatIsMissing(state, running);
    if (!missing.empty() && ++count == 1) first = missing;
  }
  if (count == 0) return;
  state.step.effects.sends.push_back(StoreIsBehind{absl::StrCat(
      "worker ", registration.worker_id(), " brings back ", first,
      count > 1 ? absl::StrCat(" (and ", count - 1, " more attempts like it)") : "",
      ". Either this store is older than it was (put back from a backup, or the disk lost what it "
      "had said was written): then everything since is gone and its trials are trained again; if "
      "nobody put a backup back, check the disk. Or the worker served another coordinator: then "
      "check its --coordinator and --dir here")});
}

v1::DesiredAttempt Desired(EngineState& state, Worker& worker, const v1::RunningAttempt& running) {
  v1::DesiredAttempt desired;
  *desired.mutable_id() = running.id();
  desired.set_state(v1::DesiredAttempt::LOST);
  const AttemptKey key = KeyOf(running.id());
  if (!worker.running.contains(key)) return desired;
  Job& job = *state.FindJob(key.job);
  Trial& trial = job.trial(key.trial);
  if (running.acknowledged_sequence() > trial.record.last_sequence()) {
    // Whoever is wrong (WarnOfLoss), the two do not fit.
    LoseAttempt(state, job, trial, false, "it was acknowledged more than is there");
    return desired;
  }
  const v1::Stop::Reason reason = DesiredStop(job, trial.record);
  desired.set_state(reason == v1::Stop::REASON_UNSPECIFIED ? v1::DesiredAttempt::CONTINUE
                                                           : v1::DesiredAttempt::STOP);
  desired.set_reason(reason);
  desired.set_durable_sequence(trial.record.last_sequence());
  desired.set_until_epoch(trial.record.until_epoch());
  return desired;
}

google::protobuf::Duration DurationOf(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(duration));
  proto.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(duration - absl::Seconds(absl::ToInt64Seconds(duration)))));
  return proto;
}

}  // namespace

void OnRegister(EngineState& state, SessionId session, const v1::Register& registration) {
  const absl::Status status = CheckRegister(state, registration);
  if (!status.ok()) return Close(state, session, status);

  Worker& worker = state.workers.Insert(registration.worker_id());
  if (worker.session.has_value()) {
    Close(state, *worker.session,
          absl::AbortedError("superseded by a newer session of the same worker"));
  }
  const bool has_restarted =
      worker.incarnation.has_value() && registration.incarnation() > *worker.incarnation;
  if (has_restarted) worker.is_draining = false;
  if (has_restarted) worker.unfit = {};
  SettleSilentDeaths(state, registration);
  worker.incarnation = registration.incarnation();
  worker.name = registration.name();
  worker.hardware = registration.hardware();
  worker.version = registration.version();
  worker.slots = registration.slots();
  worker.last_seen = state.now;
  worker.stopping.clear();
  worker.is_refusing = false;
  state.refusals.Clear(worker.id);
  state.forgettings.Clear(worker.id);
  state.leases.Set(worker.id, state.now + state.options.lease);
  WarnOfLoss(state, registration);
  LoseUnlisted(state, worker, registration, has_restarted);
  state.workers.Connect(worker, session);

  v1::CoordinatorMessage message;
  v1::Registered& registered = *message.mutable_registered();
  registered.set_protocol(kProtocolVersion);
  *registered.mutable_heartbeat_interval() = DurationOf(state.options.heartbeat_interval);
  *registered.mutable_lease() = DurationOf(state.options.lease);
  for (const v1::RunningAttempt& running : registration.running()) {
    *registered.add_attempts() = Desired(state, worker, running);
  }
  Tell(state, session, std::move(message));
}

}  // namespace caviar::engine
