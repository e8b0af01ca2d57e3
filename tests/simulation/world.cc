#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/engine/job_copy.h"
#include "coordinator/engine/replay.h"
#include "tests/simulation/planted_step.h"
#include "tests/simulation/undisturbed_run.h"

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

// ---- Faults ----

std::vector<SimWorker*> World::UpWorkers() {
  std::vector<SimWorker*> up;
  for (const auto& worker : workers_) {
    if (worker->is_up()) up.push_back(worker.get());
  }
  return up;
}

void World::ScheduleFault(absl::Duration mean, uint64_t stream, std::function<void(Rng&)> fault) {
  if (mean == absl::InfiniteDuration()) return;
  Rng& rng = fault_streams_.emplace_back(DeriveSeed(DeriveSeed(options_.seed, "faults"), stream));
  const auto again = std::make_shared<std::function<void()>>();
  *again = [this, mean, &rng, fault = std::move(fault), weak = std::weak_ptr(again)] {
    if (!is_chaos_) return;
    fault(rng);
    if (const auto self = weak.lock()) {
      heap_.After(DrawWait(rng, mean), [self] { (*self)(); });
    }
  };
  heap_.After(DrawWait(rng, mean), [again] { (*again)(); });
}

void World::ScheduleFaults() {
  const double crowd = swarm_.is_big ? 20 : 1;
  const auto any_worker = [this](Rng& rng) -> SimWorker* {
    const std::vector<SimWorker*> up = UpWorkers();
    return up.empty() ? nullptr : up[rng.UniformInt(up.size())];
  };
  const auto any_link = [this](Rng& rng) -> uint64_t {
    const std::vector<uint64_t> links = network_.Links();
    return links.empty() ? 0 : links[rng.UniformInt(links.size())];
  };
  ScheduleFault(swarm_.cut_mean / crowd, 1, [=, this](Rng& rng) {
    const uint64_t link = any_link(rng);
    Note("cut", network_.WorkerOf(link), link);
    network_.Cut(link);
  });
  ScheduleFault(swarm_.partition_mean / crowd, 2, [=, this](Rng& rng) {
    const absl::Duration duration = absl::Milliseconds(rng.UniformInt(60'000));
    const uint32_t which = rng.UniformInt(4);
    const bool everyone = rng.UniformInt(4) == 0;
    for (const uint64_t link : everyone ? network_.Links() : std::vector{any_link(rng)}) {
      Note("partition", network_.WorkerOf(link), link, which);
      network_.Stall(link, duration, which != 1, which != 2);
    }
  });
  ScheduleFault(swarm_.worker_crash_mean / crowd, 3, [=, this](Rng& rng) {
    if (SimWorker* const worker = any_worker(rng)) KillForAWhile(*worker);
  });
  ScheduleFault(swarm_.coordinator_crash_mean, 4, [this](Rng&) { KillCoordinatorForAWhile(); });
  ScheduleFault(swarm_.pause_mean / crowd, 5, [=, this](Rng& rng) {
    const absl::Time until = now() + absl::Milliseconds(rng.UniformInt(90'000));
    if (rng.UniformInt(3) == 0) return coordinator_.Freeze(until);
    if (SimWorker* const worker = any_worker(rng)) worker->Freeze(until);
  });
  ScheduleFault(swarm_.drain_mean / crowd, 6, [=](Rng& rng) {
    if (SimWorker* const worker = any_worker(rng)) worker->Drain();
  });
  ScheduleFault(swarm_.lie_mean, 7, [this](Rng& rng) { Lie(rng); });
  ScheduleFault(swarm_.user_mean, 8, [this](Rng& rng) { users_.Meddle(rng); });
  ScheduleFault(swarm_.adjust_mean, 9, [this](Rng& rng) { users_.AdjustSome(rng); });
}

// Something that a worker once said comes again, on any session; or something that nobody said.
void World::Lie(Rng& rng) {
  const std::vector<uint64_t> links = network_.Links();
  if (links.empty() || heard_.empty()) return;
  v1::WorkerMessage message = heard_[rng.UniformInt(heard_.size())];
  const uint64_t session = links[rng.UniformInt(links.size())];
  const bool is_wild = rng.UniformInt(4) == 0;
  const uint32_t by = 1 + rng.UniformInt(3);
  v1::AttemptId id;
  if (is_wild && message.has_measurements()) {
    v1::MeasurementBatch& batch = *message.mutable_measurements();
    id = batch.id();
    if (by == 1) batch.set_sequence(batch.sequence() + by);
    if (by == 2) batch.mutable_id()->set_attempt(id.attempt() + 1);
    if (by == 3) batch.mutable_rows(0)->set_epoch(batch.rows(0).epoch() + 1);
  } else if (is_wild && message.has_hand_back()) {
    id = message.hand_back().id();
    message.mutable_hand_back()->mutable_id()->set_attempt(id.attempt() + by);
  }
  if (id.job() != 0) checker_.ForgiveTrial(id.job(), id.trial());
  Note("lie", network_.WorkerOf(session), message.kind_case(), is_wild);
  ++checker_.reached()[is_wild ? "wild message" : "replayed message"];
  coordinator_.Post(engine::WorkerSaid{engine::SessionId{session}, std::move(message)});
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

void World::CheckOutcomes() {
  const store::MemoryDisk& disk = coordinator_.durable();
  for (const auto& [id, job] : disk.jobs) {
    const v1::Budget& budget = job.spec().budget();
    const v1::Sampler& sampler = job.spec().sampler();
    const v1::TrialScheduler& scheduler = job.spec().scheduler();
    const bool is_learning =
        sampler.has_zoom() || sampler.has_tpe() || sampler.has_gp() || sampler.has_cmaes();
    const bool is_own_course = is_learning || budget.has_wall_time() || budget.has_target() ||
                               budget.has_terminator() || scheduler.has_asha() ||
                               scheduler.has_median() || scheduler.has_pbt() ||
                               job.state() == v1::Job::CANCELLED;
    if (is_own_course) continue;
    bool is_comparable = true;
    bool has_added = false;
    std::set<uint32_t> excused;
    for (auto trial = disk.trials.lower_bound({id, 0});
         trial != disk.trials.end() && trial->first.first == id; ++trial) {
      const v1::TrialRecord& record = trial->second;
      const bool is_excused =
          record.state() == v1::Trial::CANCELLED || checker_.is_forgiven(id, record.number()) ||
          record.adjustments_size() > 0 || absl::StartsWith(record.reason(), "lost its worker") ||
          absl::StartsWith(record.reason(), "no worker can run it");
      if (is_excused) excused.insert(record.number());
      has_added = has_added || record.is_added();
    }
    if (has_added) continue;  // when they came is no function of the job
    // What an excused trial returned or not moves the grants of those after it.
    if (budget.total_epochs() > 0) {
      is_comparable = excused.empty() && job.extensions().empty();
    }
    // Who is promoted depends on all trials of the bracket; and where total_epochs ends it, on who
    // came first.
    if (scheduler.has_hyperband()) {
      is_comparable = excused.empty() && job.extensions().empty() && budget.total_epochs() == 0;
      if (is_comparable) ++checker_.reached()["hyperband compared"];
    }
    if (!is_comparable) continue;
    ++checker_.reached()["compared with the undisturbed run"];
    const Outcomes expected = UndisturbedOutcomes(swarm_, job.spec());
    for (const auto& [number, outcome] : expected) {
      const auto trial = disk.trials.find({id, number});
      if (trial == disk.trials.end()) {
        checker_.Fail(absl::StrCat("trial ", id, "/", number, " is missing"));
      } else if (!excused.contains(number) && OutcomeOf(disk, trial->second) != outcome) {
        checker_.Fail(absl::StrCat("trial ", id, "/", number, " ended otherwise:\n",
                                   OutcomeOf(disk, trial->second), "\nundisturbed:\n", outcome));
      }
    }
    if (disk.trials.contains({id, static_cast<uint32_t>(expected.size()) + 1})) {
      checker_.Fail(absl::StrCat("job ", id, " has more trials than undisturbed"));
    }
  }
}

void World::CheckReplays() {
  const engine::EngineState& state = *coordinator_.state();
  for (const auto& [id, job] : state.jobs) {
    absl::StatusOr<engine::JobCopy> copy = engine::JobCopy::Start(state, absl::StrCat(id));
    while (copy->ReadMore(state, 10).value()) continue;
    const absl::StatusOr<v1::Replay> replay =
        engine::ReplayJob(copy->job(), copy->trials(), copy->through_sequence(), copy->priors());
    if (!replay.ok() || !replay->difference().empty()) {
      checker_.Fail(absl::StrCat("replay of job ", id, ": ",
                                 replay.ok() ? replay->difference() : replay.status().ToString()));
      continue;
    }
    checker_.reached()["replayed point"] += replay->points();
    checker_.reached()["replayed decision"] += replay->decisions();
  }
}

void World::CheckAftermath() {
  checker_.CheckAll(*coordinator_.state());
  users_.CheckWatchers(*coordinator_.state());
  for (const auto& worker : workers_) {
    if (worker->held_attempts() > 0) {
      checker_.Fail(absl::StrCat("worker ", worker->id(), " still holds attempts of ended jobs"));
    }
  }
  CheckOutcomes();
  CheckReplays();
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
