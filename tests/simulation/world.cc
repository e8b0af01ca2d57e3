#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/planted_step.h"

namespace caviar::simulation {
namespace {

constexpr uint64_t kFnvPrime = 1099511628211u;
// How long a cluster in which nothing happens any more is watched: a worker may just have begun its
// longest back-off (30 s), then give up a registration (10 s), then back off again.
constexpr absl::Duration kAftermath = absl::Seconds(75);
constexpr size_t kHeardMax = 200;
// A lateness up to this is no stall to the driver, and two may meet in one lease.
constexpr absl::Duration kStallUnnoticed = absl::Seconds(4);

const std::string& DatasetDigest() {
  static const auto& digest = *new std::string(64, '0');
  return digest;
}

engine::DatasetImported Letters() {
  engine::DatasetImported imported;
  imported.dataset.set_name("letters");
  imported.dataset.set_digest(DatasetDigest());
  imported.dataset.mutable_train()->set_rows(1000);
  imported.dataset.mutable_validation()->set_rows(100);
  imported.dataset.mutable_preprocessing()->set_features(4);
  imported.dataset.mutable_preprocessing()->add_classes("a");
  imported.dataset.mutable_preprocessing()->add_classes("b");
  imported.reuse_identical = true;
  return imported;
}

}  // namespace

World::World(const RunOptions& options)
    : options_(options),
      swarm_(options.swarm.has_value() ? *options.swarm : DrawSwarm(options.seed, options.is_big)),
      checker_(swarm_, artifacts_),
      network_(
          heap_, swarm_, options.seed,
          {[this](uint64_t session, v1::WorkerMessage message) {
             coordinator_.Post(engine::WorkerSaid{engine::SessionId{session}, std::move(message)});
           },
           [this](uint64_t session) {
             coordinator_.Post(engine::SessionClosed{engine::SessionId{session}});
           }}),
      coordinator_(*this, options.seed),
      users_(*this, options.seed),
      restarts_(DeriveSeed(options.seed, "restarts")),
      bugs_(DeriveSeed(options.seed, "bugs")) {
  Rng slots(DeriveSeed(options.seed, "slots"));
  for (int i = 0; i < swarm_.workers; ++i) {
    workers_.push_back(std::make_unique<SimWorker>(*this, absl::StrCat("w", i + 1),
                                                   1 + slots.UniformInt(swarm_.slots_max),
                                                   i < swarm_.unfit_workers, options.seed));
    worker_by_id_[workers_.back()->id()] = workers_.back().get();
  }
  artifacts_.insert(DatasetDigest());
}

// ---- The trace ----

void World::Note(absl::string_view what, absl::string_view who, uint64_t a, uint64_t b,
                 uint64_t c) {
  const auto mix = [&](uint64_t value) { trace_hash_ = (trace_hash_ ^ value) * kFnvPrime; };
  for (const char character : what) mix(static_cast<unsigned char>(character));
  for (const char character : who) mix(static_cast<unsigned char>(character));
  mix(a);
  mix(b);
  mix(c);
  mix(static_cast<uint64_t>(absl::ToUnixNanos(now())));
  if (!options_.is_traced) return;
  const double seconds = absl::ToDoubleSeconds(now() - absl::FromUnixSeconds(1'700'000'000));
  std::printf("%10.3f  %.*s %.*s %llu %llu %llu\n", seconds, static_cast<int>(what.size()),
              what.data(), static_cast<int>(who.size()), who.data(),
              static_cast<unsigned long long>(a), static_cast<unsigned long long>(b),
              static_cast<unsigned long long>(c));
}

void World::NoteEvent(const engine::Event& event) {
  ++steps_;
  const auto* said = std::get_if<engine::WorkerSaid>(&event);
  if (said == nullptr) return Note("step", "", event.index());
  last_heard_[static_cast<uint64_t>(said->session)] = now();
  const v1::WorkerMessage& message = said->message;
  const auto note = [&](absl::string_view what, const v1::AttemptId& id) {
    Note(what, network_.WorkerOf(static_cast<uint64_t>(said->session)), id.job(), id.trial(),
         id.attempt());
  };
  switch (message.kind_case()) {
    case v1::WorkerMessage::kMeasurements:
      return note("measured", message.measurements().id());
    case v1::WorkerMessage::kCheckpointSaved:
      return note("checkpoint", message.checkpoint_saved().id());
    case v1::WorkerMessage::kFinished:
      return note("finished", message.finished().id());
    case v1::WorkerMessage::kHandBack:
      return note("hand back", message.hand_back().id());
    default:
      return Note("said", network_.WorkerOf(static_cast<uint64_t>(said->session)),
                  message.kind_case());
  }
}

// ---- From the parts ----

bool World::PutArtifact(const std::string& digest) {
  if (!coordinator_.is_up()) return false;
  artifacts_.insert(digest);
  return true;
}

void World::Sent(const std::string&, const v1::WorkerMessage& message) {
  if (message.has_register_() || message.has_heartbeat() || message.has_draining()) return;
  heard_.push_back(message);
  if (heard_.size() > kHeardMax) heard_.pop_front();
}

void World::Released(const engine::Send& send) {
  if (const auto* reply = std::get_if<engine::Reply>(&send)) {
    users_.OnReply(*reply);
  } else if (const auto* tell = std::get_if<engine::TellWorker>(&send)) {
    network_.SendDown(static_cast<uint64_t>(tell->session), tell->message);
  } else if (const auto* close = std::get_if<engine::CloseSession>(&send)) {
    network_.CloseByCoordinator(static_cast<uint64_t>(close->session), close->reason);
  } else if (const auto* release = std::get_if<engine::ReleaseArtifact>(&send)) {
    artifacts_.erase(release->digest);
  } else if (const auto* think = std::get_if<engine::Think>(&send)) {
    coordinator_.Think(*think);
  }
}

void World::WorkerExited(SimWorker& worker) {
  ++checker_.reached()["drained worker"];
  heap_.After(absl::Milliseconds(restarts_.UniformInt(10'000)), [&worker] { worker.Start(); });
}

void World::KillForAWhile(SimWorker& worker) {
  if (!worker.is_up()) return;
  ++checker_.reached()["worker killed"];
  worker.Kill();
  // Some stay away until the end of the chaos.
  if (is_chaos_ && restarts_.UniformInt(8) == 0) return;
  heap_.After(absl::Milliseconds(restarts_.UniformInt(is_chaos_ ? 40'000 : 2'000)),
              [&worker] { worker.Start(); });
}

void World::KillCoordinatorForAWhile() {
  if (!coordinator_.is_up()) return;
  ++checker_.reached()["coordinator killed"];
  coordinator_.Kill();
  heap_.After(absl::Milliseconds(restarts_.UniformInt(is_chaos_ ? 30'000 : 2'000)), [this] {
    coordinator_.Start();
    if (!is_chaos_ || restarts_.UniformInt(5) > 0) return;
    ++checker_.reached()["double crash"];
    heap_.After(absl::Milliseconds(restarts_.UniformInt(500)),
                [this] { KillCoordinatorForAWhile(); });
  });
}

engine::Effects World::StepWithBug(engine::Engine& engine, absl::Time now, engine::Event event) {
  return PlantedStep(options_.bug, engine, now, std::move(event), bugs_);
}

void World::CheckNeedlessLoss(const engine::Effects& effects) {
  const absl::Duration lease = engine::EngineOptions().lease;
  for (const engine::Send& send : effects.sends) {
    const auto* close = std::get_if<engine::CloseSession>(&send);
    if (close == nullptr || close->reason.code() != absl::StatusCode::kDeadlineExceeded) continue;
    ++checker_.reached()["lease ended on an open session"];
    const uint64_t session = static_cast<uint64_t>(close->session);
    if (coordinator_.AwakeSince(last_heard_[session]) + kStallUnnoticed < lease) {
      checker_.Fail(
          absl::StrCat("session ", session, " lost its lease to the coordinator's stall"));
    }
    const auto worker = worker_by_id_.find(network_.WorkerOf(session));
    if (worker == worker_by_id_.end() || worker->second->session() != session) continue;
    const absl::Time well_since =
        std::max(network_.healthy_since(session), worker->second->healthy_since());
    if (well_since + lease + absl::Seconds(2) < now()) {
      checker_.Fail(absl::StrCat("worker ", worker->first, " lost its lease while it was well"));
    }
  }
}

// ---- The run ----

void World::Heal() {
  Note("heal");
  is_chaos_ = false;
  network_.SetFaulty(false);
  if (!coordinator_.is_up()) coordinator_.Start();
  for (const auto& worker : workers_) worker->Start();
}

bool World::IsDone() {
  const engine::EngineState* const state = coordinator_.state();
  if (is_chaos_ || state == nullptr || !users_.IsDone(*state)) return false;
  // Who was stopped by SIGSTOP wakes up first.
  return std::all_of(workers_.begin(), workers_.end(),
                     [this](const auto& worker) { return worker->healthy_since() <= now(); });
}

// All the work on one slot, each trial four times, and time for waits of every kind.
absl::Duration World::Patience() const {
  absl::Duration work = absl::Minutes(30);
  for (const v1::JobSpec& spec : swarm_.jobs) {
    const int epochs = (spec.budget().trials() + 40) * (spec.budget().epochs() + 2);
    work += 6 * epochs * swarm_.epoch_mean / (swarm_.is_big ? 50 : 1);
  }
  return work;
}

void World::CheckLeases() {
  const engine::EngineState* const state = coordinator_.state();
  if (state != nullptr && coordinator_.is_awake()) {
    for (const auto& [id, worker] : state->workers.workers()) {
      if (worker.running.empty()) continue;
      const std::optional<absl::Time> lease = state->leases.Find(id);
      if (!lease.has_value() || *lease + absl::Seconds(3) < now()) {
        checker_.Fail(absl::StrCat("the lease of worker ", id, " is overdue"));
      }
    }
  }
  heap_.After(absl::Seconds(5), [this] { CheckLeases(); });
}

RunResult World::Run() {
  const absl::Time start = now();
  coordinator_.Start();
  coordinator_.Post(Letters());
  // A coordinator that dies at once must not lose it: every user needs it.
  for (const auto& worker : workers_) {
    heap_.After(absl::Milliseconds(restarts_.UniformInt(3000)), [&worker] { worker->Start(); });
  }
  while (coordinator_.durable().datasets.empty() && checker_.failure().empty()) {
    if (!coordinator_.is_up()) {
      coordinator_.Start();
      coordinator_.Post(Letters());
    }
    heap_.RunNext();
  }
  users_.Start();
  ScheduleFaults();
  CheckLeases();
  heap_.At(start + swarm_.chaos, [this] { Heal(); });
  const absl::Time deadline = start + swarm_.chaos + Patience();
  absl::Time done_at = absl::InfiniteFuture();
  absl::Time resumed_at = absl::InfinitePast();
  while (checker_.failure().empty() && now() < deadline) {
    if (!is_chaos_ && resumed_at + absl::Seconds(5) <= now()) {
      users_.ResumeAll();
      resumed_at = now();
    }
    if (!IsDone()) {
      done_at = absl::InfiniteFuture();
    } else if (done_at == absl::InfiniteFuture()) {
      done_at = now();
    } else if (now() >= done_at + kAftermath) {
      break;
    }
    heap_.RunNext();
  }
  if (checker_.failure().empty()) {
    if (IsDone()) {
      CheckAftermath();
    } else {
      checker_.Fail("after everything healed the jobs did not end");
    }
  }
  return {checker_.failure(), trace_hash_, steps_, now() - start, checker_.reached()};
}

RunResult RunSimulation(const RunOptions& options) { return World(options).Run(); }

}  // namespace caviar::simulation
