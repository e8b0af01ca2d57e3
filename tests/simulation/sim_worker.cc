#include "tests/simulation/sim_worker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/world.h"

namespace caviar::simulation {

using runtime::AttemptKey;
using runtime::AttemptResult;
using runtime::StopMode;

namespace {

// Longer than what is kept of it, of characters that must not be cut in two.
std::string LongReason(uint32_t epoch) {
  std::string reason = absl::StrCat("broke in epoch ", epoch, ": ");
  while (reason.size() < 2000) absl::StrAppend(&reason, "€😀");
  return reason;
}

bool HasModel(AttemptResult::End end) {
  return end == AttemptResult::End::kCompleted || end == AttemptResult::End::kStopped;
}

}  // namespace

SimWorker::SimWorker(World& world, std::string id, uint32_t slots, bool is_unfit, uint64_t seed)
    : world_(world),
      id_(std::move(id)),
      slots_(slots),
      is_unfit_(is_unfit),
      rng_(DeriveSeed(seed, id_)) {}

void SimWorker::Start() {
  if (is_up()) return;
  session::SessionOptions options;
  options.coordinator = "coordinator";
  options.worker_id = id_;
  options.incarnation = ++incarnation_;
  options.name = id_;
  options.slots = slots_;
  options.seed = rng_.NextUint64();
  core_ = std::make_unique<session::SessionCore>(options);
  ++life_;
  frozen_until_ = absl::InfinitePast();
  healthy_since_ = world_.now();
  wake_ = absl::InfiniteFuture();
  world_.Note("worker starts", id_, incarnation_);
  Post(session::Tick{});
}

void SimWorker::Kill() {
  if (!is_up()) return;
  world_.Note("worker dies", id_, incarnation_);
  ++life_;
  core_.reset();
  runners_.clear();
  for (const auto& [link, session] : session_of_link_) world_.network().KillWorkerEnd(session);
  session_of_link_.clear();
  session_ = 0;
}

void SimWorker::Drain() {
  if (!is_up() || core_->is_draining()) return;
  world_.Note("worker drains", id_);
  Post(session::DrainRequested{});
}

void SimWorker::Freeze(absl::Time until) {
  if (!is_up()) return;
  world_.Note("worker freezes", id_);
  frozen_until_ = std::max(frozen_until_, until);
  healthy_since_ = std::max(healthy_since_, until);
}

void SimWorker::Later(absl::Duration delay, std::function<void()> action) {
  world_.heap().After(delay, [this, life = life_, action = std::move(action)] {
    if (life != life_) return;
    if (frozen_until_ > world_.now()) return Later(frozen_until_ - world_.now(), action);
    action();
  });
}

void SimWorker::Post(session::Event event) {
  Later(absl::ZeroDuration(), [this, event = std::move(event)] { Step(event); });
}

void SimWorker::Step(const session::Event& event) {
  session::Effects effects = core_->Step(world_.now(), event);
  for (const session::Effect& effect : effects.effects) {
    Do(effect);
    if (!is_up()) return;
  }
  Wake(effects.next_deadline);
}

void SimWorker::Wake(absl::Time at) {
  if (at >= wake_ || at == absl::InfiniteFuture()) return;
  wake_ = at;
  Later(std::max(at - world_.now(), absl::ZeroDuration()), [this, at] {
    if (wake_ != at) return;
    wake_ = absl::InfiniteFuture();
    Step(session::Tick{});
  });
}

void SimWorker::Do(const session::Effect& effect) {
  if (const auto* open = std::get_if<session::OpenLink>(&effect)) {
    const uint64_t link = open->link;
    const auto is_current = [this, life = life_] { return life == life_; };
    WorkerEnd end;
    end.told = [this, link, is_current](v1::CoordinatorMessage message) {
      if (is_current()) Post(session::MessageReceived{link, std::move(message)});
    };
    end.lost = [this, link, is_current](absl::Status why) {
      if (is_current()) Post(session::LinkLost{link, std::move(why)});
    };
    session_ = world_.network().Open(id_, std::move(end));
    session_of_link_[link] = session_;
  } else if (const auto* close = std::get_if<session::CloseLink>(&effect)) {
    world_.network().CloseByWorker(session_of_link_[close->link]);
    session_of_link_.erase(close->link);
  } else if (const auto* send = std::get_if<session::SendMessage>(&effect)) {
    world_.Sent(id_, send->message);
    world_.network().SendUp(session_of_link_[send->link], send->message);
  } else if (const auto* start = std::get_if<session::StartAttempt>(&effect)) {
    StartRunner(start->assign, start->epoch_limit);
  } else if (const auto* limit = std::get_if<session::SetEpochLimit>(&effect)) {
    const auto runner = runners_.find(limit->attempt);
    if (runner == runners_.end()) return;
    runner->second.limit = limit->epoch_limit;
    Advance(limit->attempt);
  } else if (const auto* stop = std::get_if<session::StopAttempt>(&effect)) {
    StopRunner(stop->attempt, stop->mode);
  } else if (const auto* upload = std::get_if<session::UploadArtifact>(&effect)) {
    Upload(*upload);
  } else if (std::holds_alternative<session::Exit>(effect)) {
    world_.Note("worker exits", id_);
    Kill();
    world_.WorkerExited(*this);
  }
}

// ---- Training ----

bool SimWorker::CannotRun() {
  const Swarm& swarm = world_.swarm();
  if (is_unfit_ && (world_.is_chaos() || swarm.is_unfit_for_ever)) return true;
  return world_.is_chaos() && swarm.cannot_share > 0 && rng_.Uniform() < swarm.cannot_share;
}

void SimWorker::StartRunner(const v1::Assign& assign, uint32_t limit) {
  const AttemptKey key = runtime::KeyOf(assign.id());
  Runner& runner = runners_[key];
  runner.assign = assign;
  runner.plan = PlanOf(world_.swarm(), assign.seed(), assign.epochs());
  runner.epoch = runner.checkpoint_epoch = assign.from_epoch();
  runner.limit = limit;
  runner.last_checkpoint = world_.now();
  const bool is_there =
      assign.checkpoint_digest().empty() || world_.artifacts().contains(assign.checkpoint_digest());
  if (is_there && !assign.checkpoint_digest().empty()) {
    const World::Checkpoint& checkpoint = world_.checkpoints().at(assign.checkpoint_digest());
    runner.history = checkpoint.history;
    runner.best_value = checkpoint.best_value;
    runner.best_epoch = checkpoint.best_epoch;
  }
  if (assign.changes_size() > 0) ++world_.checker().reached()["retry before a change"];
  Later(absl::Milliseconds(rng_.UniformInt(500)), [this, key, is_there] {
    const auto runner = runners_.find(key);
    if (runner == runners_.end()) return;
    if (!is_there) return End(key, AttemptResult::End::kFailed, "the checkpoint is gone");
    if (CannotRun()) {
      ++world_.checker().reached()["a worker that cannot"];
      return End(key, AttemptResult::End::kCannotHere, "its disk is full");
    }
    runner->second.is_ready = true;
    Advance(key);
  });
}

void SimWorker::Advance(const AttemptKey& key) {
  const auto found = runners_.find(key);
  if (found == runners_.end()) return;
  Runner& runner = found->second;
  if (!runner.is_ready || runner.is_training || runner.is_trained) return;
  const bool is_patient = runner.plan.patience_at == 0 || runner.epoch < runner.plan.patience_at;
  if (runner.epoch >= runner.assign.epochs() || !is_patient) {
    if (runner.stop == StopMode::kDrop) return EndStopped(key);
    return End(key, AttemptResult::End::kCompleted);
  }
  if (runner.stop != StopMode::kNone) return EndStopped(key);
  if (runner.epoch >= runner.limit) return;
  runner.is_training = true;
  runner.token = ++tokens_;
  const absl::Duration duration = world_.swarm().epoch_mean * (0.5 + rng_.Uniform());
  Later(duration, [this, key, token = runner.token] { FinishEpoch(key, token); });
}

void SimWorker::FinishEpoch(const AttemptKey& key, uint64_t token) {
  const auto found = runners_.find(key);
  if (found == runners_.end() || found->second.token != token) return;
  Runner& runner = found->second;
  runner.is_training = false;
  const uint32_t epoch = runner.epoch + 1;
  if (runner.plan.kills_at == epoch) {
    world_.Note("poison", id_, key.job, key.trial);
    return world_.KillForAWhile(*this);
  }
  if (runner.plan.infeasible_at == epoch) {
    return End(key, AttemptResult::End::kInfeasible, absl::StrCat("NaN in epoch ", epoch));
  }
  if (runner.plan.fails_at == epoch) {
    return End(key, AttemptResult::End::kFailed, LongReason(epoch));
  }
  runner.epoch = epoch;
  runner.history = ExtendHistory(runner.history, DropoutAt(runner.assign, epoch));
  Improve(world_.swarm(), runner.assign.objective(), runner.seed(), epoch, runner.best_value,
          runner.best_epoch);
  session::EpochMeasured measured;
  measured.attempt = key;
  measured.epoch = epoch;
  measured.metrics = FakeMetricNames();
  measured.values = FakeMetrics(world_.swarm(), runner.seed(), epoch);
  measured.values.back() = 0.25 + rng_.Uniform();
  Post(measured);
  if (world_.now() - runner.last_checkpoint >= world_.swarm().checkpoint_interval &&
      epoch < runner.assign.epochs()) {
    MakeCheckpoint(key, runner);
  }
  Advance(key);
}

void SimWorker::MakeCheckpoint(const AttemptKey& key, Runner& runner) {
  runner.checkpoint_epoch = runner.epoch;
  runner.last_checkpoint = world_.now();
  session::CheckpointMade made;
  made.attempt = key;
  made.epoch = runner.epoch;
  made.artifact.digest = CheckpointDigest(key.job, runner.seed(), runner.epoch);
  world_.checkpoints()[made.artifact.digest] = {runner.history, runner.best_value,
                                                runner.best_epoch};
  made.artifact.bytes = std::make_shared<const std::string>();
  Post(made);
}

void SimWorker::StopRunner(const AttemptKey& key, StopMode mode) {
  const auto found = runners_.find(key);
  if (found == runners_.end()) return;
  Runner& runner = found->second;
  if (runner.is_trained) return;
  runner.stop = std::max(runner.stop, mode);
  // kCheckpoint lets the running epoch end; the others do not.
  if (runner.is_training && mode == StopMode::kCheckpoint) return;
  runner.is_training = false;
  runner.token = 0;
  Later(absl::Milliseconds(rng_.UniformInt(50)), [this, key] { EndStopped(key); });
}

void SimWorker::EndStopped(const AttemptKey& key) {
  const auto found = runners_.find(key);
  if (found == runners_.end()) return;
  Runner& runner = found->second;
  if (runner.is_trained) return;
  switch (runner.stop) {
    case StopMode::kKeepModel:
      // One that resumes gets ready first: it turns its checkpoint into a model.
      if (!runner.is_ready && runner.epoch > 0) return;
      return End(key, AttemptResult::End::kStopped);
    case StopMode::kDrop:
      return End(key, AttemptResult::End::kDropped);
    default:
      if (runner.is_ready && runner.epoch > runner.checkpoint_epoch) {
        Post(session::TrainingDone{key});
        MakeCheckpoint(key, runner);
      }
      return End(key, AttemptResult::End::kSuspended);
  }
}

void SimWorker::End(const AttemptKey& key, AttemptResult::End end, const std::string& reason) {
  Runner& runner = runners_.at(key);
  if (runner.epoch == 0 || !HasModel(end)) return TellEnd(key, end, reason);
  runner.is_trained = true;
  Post(session::TrainingDone{key});
  Later(absl::Milliseconds(Rng(DeriveSeed(runner.seed(), "test")).UniformInt(300)),
        [this, key, end, reason] { TellEnd(key, end, reason); });
}

void SimWorker::TellEnd(const AttemptKey& key, AttemptResult::End end, const std::string& reason) {
  const auto found = runners_.find(key);
  const Runner runner = std::move(found->second);
  runners_.erase(found);
  session::AttemptEnded ended;
  ended.attempt = key;
  ended.result.end = end;
  ended.result.reason = reason;
  if (runner.epoch > 0 && HasModel(end)) {
    runtime::Artifact model;
    model.digest = ModelDigest(key.job, runner.seed(), runner.best_epoch);
    model.bytes = std::make_shared<const std::string>();
    ended.result.model = model;
    ended.result.final_metrics["test_accuracy"] = runner.best_value.value_or(0) / 2;
    ended.result.final_metrics["test_loss"] = runner.best_epoch;
  }
  Post(ended);
}

void SimWorker::Upload(const session::UploadArtifact& upload) {
  Later(absl::Milliseconds(1 + rng_.UniformInt(800)), [this, upload] {
    if (world_.PutArtifact(upload.artifact.digest)) {
      Step(session::ArtifactUploaded{upload.attempt, upload.artifact.digest});
    } else {
      Step(session::UploadFailed{upload.attempt, upload.artifact.digest,
                                 absl::UnavailableError("no coordinator")});
    }
  });
}

}  // namespace caviar::simulation
