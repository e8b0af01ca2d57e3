#include "worker/session/session_core.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"

namespace caviar::session {
namespace {

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string Text(const absl::Status& status) {
  return status.ok() ? "the coordinator ended the session" : std::string(status.message());
}

}  // namespace

SessionCore::SessionCore(SessionOptions options)
    : options_(std::move(options)), rng_(options_.seed) {
  CAVIAR_CHECK(options_.slots > 0);
}

Effects SessionCore::Step(absl::Time now, const Event& event) {
  if (state_ == State::kExited) return {};
  Expire(now);
  if (const auto* received = std::get_if<MessageReceived>(&event)) {
    Apply(now, *received);
  } else if (const auto* lost = std::get_if<LinkLost>(&event)) {
    Apply(now, *lost);
  } else if (const auto* drain = std::get_if<DrainRequested>(&event)) {
    Apply(now, *drain);
  } else if (const auto* measured = std::get_if<EpochMeasured>(&event)) {
    if (HeldAttempt* attempt = Find(measured->attempt)) attempt->Measured(*measured);
  } else if (const auto* made = std::get_if<CheckpointMade>(&event)) {
    if (HeldAttempt* attempt = Find(made->attempt)) attempt->CheckpointReady(*made);
  } else if (const auto* trained = std::get_if<TrainingDone>(&event)) {
    if (HeldAttempt* attempt = Find(trained->attempt)) attempt->Trained();
  } else if (const auto* ended = std::get_if<AttemptEnded>(&event)) {
    Apply(*ended);
  } else if (const auto* uploaded = std::get_if<ArtifactUploaded>(&event)) {
    if (HeldAttempt* attempt = Find(uploaded->attempt)) attempt->Uploaded(uploaded->digest);
  } else if (const auto* failed = std::get_if<UploadFailed>(&event)) {
    if (HeldAttempt* attempt = Find(failed->attempt)) {
      attempt->UploadBroke(*failed, now, effects_);
    }
  }
  Finish(now);
  return Effects{std::exchange(effects_, {}), NextDeadline()};
}

// ---- Time ----

void SessionCore::Expire(absl::Time now) {
  ExpireDrain(now);
  if (state_ == State::kRegistering && now >= register_sent_ + kRegisterTimeout) {
    CloseLinkBecause(now,
                     absl::StrCat("no answer within ", absl::FormatDuration(kRegisterTimeout)));
  }
  if (state_ == State::kConnected && now >= lease_.fence_at()) {
    CloseLinkBecause(now, "no heartbeat was answered in time; its attempts wait to be confirmed");
  }
  if (state_ != State::kConnected && !is_suspended_ && !attempts_.empty() &&
      now >= lease_.fence_at() + kTrainOnWhenFenced) {
    is_suspended_ = true;
    Log(LogLine::Level::kWarning,
        absl::StrCat("cut off from ", options_.coordinator,
                     " for too long: stopping all attempts with a checkpoint"));
    for (auto& [key, attempt] : attempts_) attempt.Suspend(effects_);
  }
  if (state_ == State::kDisconnected && now >= connect_at_) OpenLinkAndRegister(now);
  if (state_ == State::kConnected) {
    if (const std::optional<uint32_t> number = lease_.TakeHeartbeat(now)) {
      v1::WorkerMessage message;
      message.mutable_heartbeat()->set_number(*number);
      Send(std::move(message));
    }
  }
}

void SessionCore::ExpireDrain(absl::Time now) {
  if (!drain_started_) return;
  const absl::Duration drained = now - *drain_started_;
  if (drained >= kDrainCut && !is_drain_cut_) {
    is_drain_cut_ = true;
    for (auto& [key, attempt] : attempts_) {
      if (attempt.phase() == HeldAttempt::Phase::kRunning) attempt.SuspendNow(effects_);
    }
  }
  if (drained >= kDrainUploads) {
    is_uploading_over_ = true;
    for (auto& [key, attempt] : attempts_) attempt.GiveUpUploads();
  }
}

absl::Time SessionCore::NextDeadline() const {
  if (state_ == State::kExited) return absl::InfiniteFuture();
  absl::Time next = absl::InfiniteFuture();
  if (state_ == State::kDisconnected) next = std::min(next, connect_at_);
  if (state_ == State::kRegistering) next = std::min(next, register_sent_ + kRegisterTimeout);
  if (state_ == State::kConnected) {
    next = std::min({next, lease_.next_heartbeat(), lease_.fence_at()});
    for (const auto& [key, attempt] : attempts_) next = std::min(next, attempt.next_pump());
  } else if (!is_suspended_ && !attempts_.empty()) {
    next = std::min(next, lease_.fence_at() + kTrainOnWhenFenced);
  }
  if (drain_started_) {
    next = std::min(next, *drain_started_ + (!is_drain_cut_        ? kDrainCut
                                             : !is_uploading_over_ ? kDrainUploads
                                                                   : kDrainEnd));
  }
  return next;
}

// ---- The link ----

void SessionCore::OpenLinkAndRegister(absl::Time now) {
  state_ = State::kRegistering;
  register_sent_ = now;
  effects_.emplace_back(OpenLink{++link_});
  v1::WorkerMessage message;
  v1::Register& registering = *message.mutable_register_();
  registering.set_protocol_min(kProtocolMin);
  registering.set_protocol_max(kProtocolMax);
  registering.set_worker_id(options_.worker_id);
  registering.set_incarnation(options_.incarnation);
  registering.set_name(options_.name);
  registering.set_slots(options_.slots);
  registering.set_hardware(options_.hardware);
  registering.set_version(options_.version);
  for (const auto& [key, attempt] : attempts_) {
    v1::RunningAttempt& running = *registering.add_running();
    *running.mutable_id() = runtime::IdOf(key);
    running.set_acknowledged_sequence(attempt.acknowledged_sequence());
  }
  Send(std::move(message));
}

void SessionCore::CloseLinkBecause(absl::Time now, absl::string_view why) {
  effects_.emplace_back(CloseLink{link_});
  Disconnected(now, why);
}

void SessionCore::Disconnected(absl::Time now, absl::string_view why) {
  const bool was_connected = state_ == State::kConnected;
  if (was_connected && now - connected_since_ >= Backoff::kHealthy) backoff_.Reset();
  state_ = State::kDisconnected;
  connect_at_ = now + backoff_.NextDelay(now, rng_);
  if (drain_started_) connect_at_ = std::min(connect_at_, now + kDrainReconnect);
  if (was_connected) {
    Log(LogLine::Level::kWarning,
        absl::StrCat("lost the connection to ", options_.coordinator, ": ", why, "; reconnecting",
                     attempts_.empty() ? "" : " while training goes on"));
    complained_at_ = now;
  } else if (now - complained_at_ >= kComplainEvery) {
    Log(LogLine::Level::kWarning, absl::StrCat("cannot connect to a coordinator at ",
                                               options_.coordinator, ": ", why, "; still trying"));
    complained_at_ = now;
  }
}

void SessionCore::Apply(absl::Time now, const LinkLost& event) {
  if (event.link != link_ || state_ == State::kDisconnected) return;
  Disconnected(now, Text(event.why));
}

void SessionCore::Apply(absl::Time now, const MessageReceived& event) {
  if (event.link != link_ || state_ == State::kDisconnected) return;
  const v1::CoordinatorMessage& message = event.message;
  if (message.has_go_away()) return OnGoAway(now, message.go_away());
  if (message.has_registered() == (state_ == State::kRegistering)) {
    if (message.has_registered()) return OnRegistered(now, message.registered());
    return ApplyMessage(now, message);
  }
  if (state_ == State::kRegistering) {
    return CloseLinkBecause(now, "it did not answer Register with Registered");
  }
}

void SessionCore::OnRegistered(absl::Time now, const v1::Registered& registered) {
  if (registered.protocol() < kProtocolMin || registered.protocol() > kProtocolMax) {
    return CloseLinkBecause(
        now, absl::StrCat("it speaks protocol ", registered.protocol(), ", this worker ",
                          kProtocolMin, " to ", kProtocolMax, "; upgrade the older of the two"));
  }
  state_ = State::kConnected;
  connected_since_ = now;
  is_suspended_ = false;
  lease_.Start(register_sent_, now, DurationOf(registered.heartbeat_interval()),
               DurationOf(registered.lease()));
  Log(LogLine::Level::kInfo, absl::StrCat("connected to ", options_.coordinator, " as ",
                                          options_.name, " (id ", options_.worker_id, ")"));
  Heal(now, registered);
  if (drain_started_) {
    v1::WorkerMessage message;
    message.mutable_draining();
    Send(std::move(message));
  }
}

// Makes this side agree with what the coordinator wants.
void SessionCore::Heal(absl::Time now, const v1::Registered& registered) {
  std::map<runtime::AttemptKey, const v1::DesiredAttempt*> desired;
  for (const v1::DesiredAttempt& attempt : registered.attempts()) {
    desired[runtime::KeyOf(attempt.id())] = &attempt;
  }
  std::vector<runtime::AttemptKey> lost;
  for (auto& [key, attempt] : attempts_) {
    const auto found = desired.find(key);
    if (found == desired.end() || found->second->state() == v1::DesiredAttempt::LOST ||
        found->second->state() == v1::DesiredAttempt::STATE_UNSPECIFIED ||
        found->second->reason() == v1::Stop::LOST) {
      lost.push_back(key);
      continue;
    }
    attempt.Confirm(found->second->durable_sequence(), now, effects_);
    attempt.Grant(found->second->until_epoch(), effects_);
    // An older coordinator states the reason in a Stop that follows.
    if (found->second->state() == v1::DesiredAttempt::STOP &&
        found->second->reason() != v1::Stop::REASON_UNSPECIFIED) {
      attempt.Stop(found->second->reason(), effects_);
    }
  }
  for (const runtime::AttemptKey& key : lost) {
    Log(LogLine::Level::kInfo, absl::StrCat(runtime::ToString(key), " is not ours any more"));
    Forget(key);
  }
}

void SessionCore::OnGoAway(absl::Time now, const v1::GoAway& go_away) {
  CloseLinkBecause(now, "the coordinator is closing");
  connect_at_ = std::max(
      connect_at_, now + DurationOf(go_away.reconnect_after()) + kGoAwayJitter * rng_.Uniform());
}

// ---- What the coordinator says about attempts ----

void SessionCore::ApplyMessage(absl::Time now, const v1::CoordinatorMessage& message) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kHeartbeatAck:
      return lease_.Acknowledge(message.heartbeat_ack().number());
    case v1::CoordinatorMessage::kAssign:
      return OnAssign(message.assign());
    case v1::CoordinatorMessage::kGrant:
      if (HeldAttempt* attempt = Find(message.grant().id())) {
        attempt->Grant(message.grant().until_epoch(), effects_);
      }
      return;
    case v1::CoordinatorMessage::kStop:
      if (message.stop().reason() == v1::Stop::LOST) {
        return Forget(runtime::KeyOf(message.stop().id()));
      }
      if (HeldAttempt* attempt = Find(message.stop().id())) {
        attempt->Stop(message.stop().reason(), effects_);
      }
      return;
    case v1::CoordinatorMessage::kAck:
      if (HeldAttempt* attempt = Find(message.ack().id())) {
        attempt->Acknowledge(message.ack().sequence(), now, effects_);
      }
      return;
    case v1::CoordinatorMessage::kResendFrom:
      if (HeldAttempt* attempt = Find(message.resend_from().id())) {
        attempt->ResendFrom(message.resend_from().sequence());
      }
      return;
    case v1::CoordinatorMessage::kFinishAck:
      return Forget(runtime::KeyOf(message.finish_ack().id()));
    default:
      return;  // from a newer coordinator
  }
}

void SessionCore::OnAssign(const v1::Assign& assign) {
  const runtime::AttemptKey key = runtime::KeyOf(assign.id());
  if (attempts_.contains(key) || forgotten_.contains(key)) return;  // heard before
  const auto held = std::count_if(attempts_.begin(), attempts_.end(),
                                  [](const auto& entry) { return entry.second.needs_slot(); });
  const auto [entry, is_new] = attempts_.try_emplace(key, assign);
  CAVIAR_CHECK(is_new);
  if (drain_started_ || held >= static_cast<int64_t>(options_.slots)) {
    Log(LogLine::Level::kInfo,
        absl::StrCat(runtime::ToString(key), " is handed back: ",
                     drain_started_ ? "this worker is draining" : "no slot is free"));
    return entry->second.HandBackNow(effects_);
  }
  // A slot may still be held by an attempt that was trained, or forgotten and stops within a
  // mini-batch.
  queue_.push_back(key);
}

// ---- Attempts ----

uint32_t SessionCore::busy_slots() const {
  const auto is_running = [](const auto& entry) {
    return entry.second.phase() == HeldAttempt::Phase::kRunning;
  };
  return forgotten_.size() + std::count_if(attempts_.begin(), attempts_.end(), is_running);
}

void SessionCore::StartQueued() {
  while (!queue_.empty() && busy_slots() < options_.slots) {
    HeldAttempt* const attempt = Find(queue_.front());
    queue_.pop_front();
    // It may have been handed back, cancelled or forgotten while it waited.
    if (attempt != nullptr && attempt->phase() == HeldAttempt::Phase::kQueued) {
      attempt->Start(effects_);
    }
  }
}

void SessionCore::Forget(const runtime::AttemptKey& key) {
  const auto found = attempts_.find(key);
  if (found == attempts_.end()) return;
  if (found->second.phase() == HeldAttempt::Phase::kRunning) {
    forgotten_.insert(key);
    effects_.emplace_back(StopAttempt{key, runtime::StopMode::kDrop});
  }
  attempts_.erase(found);
}

void SessionCore::Apply(const AttemptEnded& event) {
  if (forgotten_.erase(event.attempt) > 0) return;
  HeldAttempt* const attempt = Find(event.attempt);
  CAVIAR_CHECK(attempt != nullptr) << runtime::ToString(event.attempt) << " ended twice";
  if (event.result.end == runtime::AttemptResult::End::kCannotHere) {
    Log(LogLine::Level::kWarning,
        absl::StrCat(runtime::ToString(event.attempt),
                     " cannot be run by this worker and is handed back: ", event.result.reason));
  }
  attempt->Ended(event.result);
}

void SessionCore::Apply(absl::Time now, const DrainRequested&) {
  if (drain_started_) return;
  drain_started_ = now;
  Log(LogLine::Level::kInfo,
      attempts_.empty() ? std::string("draining: nothing runs here")
                        : absl::StrCat("draining: ", attempts_.size(),
                                       " attempts checkpoint and go back to the coordinator"));
  for (auto& [key, attempt] : attempts_) attempt.Suspend(effects_);
  connect_at_ = std::min(connect_at_, now + kDrainReconnect);
  if (state_ != State::kConnected) return;
  v1::WorkerMessage message;
  message.mutable_draining();
  Send(std::move(message));
}

// The common end of every step: free slots are used, what may be said is said.
void SessionCore::Finish(absl::Time now) {
  StartQueued();
  if (state_ == State::kConnected) {
    for (auto& [key, attempt] : attempts_) attempt.Pump(now, link_, effects_);
  }
  if (!drain_started_) return;
  const bool is_over = now - *drain_started_ >= kDrainEnd;
  if (!is_over && !attempts_.empty()) return;
  if (!attempts_.empty()) {
    Log(LogLine::Level::kWarning,
        absl::StrCat(attempts_.size(),
                     " attempts could not be handed back in time; they go on "
                     "elsewhere once the lease ends"));
  }
  if (state_ != State::kDisconnected) effects_.emplace_back(CloseLink{link_});
  state_ = State::kExited;
  effects_.emplace_back(Exit{});
}

HeldAttempt* SessionCore::Find(const v1::AttemptId& id) { return Find(runtime::KeyOf(id)); }

HeldAttempt* SessionCore::Find(const runtime::AttemptKey& key) {
  const auto found = attempts_.find(key);
  return found == attempts_.end() ? nullptr : &found->second;
}

void SessionCore::Send(v1::WorkerMessage message) {
  effects_.emplace_back(SendMessage{link_, std::move(message)});
}

void SessionCore::Log(LogLine::Level level, std::string text) {
  effects_.emplace_back(LogLine{level, std::move(text)});
}

}  // namespace caviar::session
