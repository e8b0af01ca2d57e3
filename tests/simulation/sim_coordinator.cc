#include "tests/simulation/sim_coordinator.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/engine_state.h"
#include "tests/simulation/world.h"

namespace caviar::simulation {

// Fails now and then; of a failing commit all or nothing is there afterwards.
class SimCoordinator::Disk : public store::Store {
 public:
  Disk(SimCoordinator& owner) : owner_(owner), real_(owner.disk_) {}

  absl::StatusOr<engine::Snapshot> Load() override { return real_.Load(); }
  absl::StatusOr<bool> EraseDeleted() override { return real_.EraseDeleted(); }
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint32_t after_epoch,
                                                         size_t rows_max) override {
    return real_.ReadCurve(job, trial, after_epoch, rows_max);
  }
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job, uint64_t after_sequence,
                                                            size_t rows_max) override {
    return real_.ReadMeasured(job, after_sequence, rows_max);
  }
  absl::Status Commit(std::span<const engine::Write> writes) override {
    World& world = owner_.world_;
    const bool fails = world.is_chaos() && owner_.rng_.Uniform() < world.swarm().commit_failure;
    if (fails && owner_.rng_.UniformInt(2) == 0) {
      ++world.checker().reached()["commit failed"];
      return absl::UnavailableError("the commit failed");
    }
    if (world.bug() == PlantedBug::kForgottenWrite && writes.size() > 1 &&
        owner_.rng_.UniformInt(50) == 0) {
      const size_t forgotten = owner_.rng_.UniformInt(writes.size());
      std::vector<engine::Write> rest(writes.begin(), writes.end());
      rest.erase(rest.begin() + forgotten);
      return real_.Commit(rest);
    }
    if (const absl::Status refused = real_.Commit(writes); !refused.ok()) {
      world.checker().Fail(absl::StrCat("the store refused a write: ", refused.message()));
      return refused;
    }
    if (!fails) return absl::OkStatus();
    ++world.checker().reached()["commit kept, but reported as failed"];
    return absl::UnavailableError("the commit failed, or so it seemed");
  }

 private:
  SimCoordinator& owner_;
  store::MemoryStore real_;
};

struct SimCoordinator::Process {
  Process(SimCoordinator& owner, engine::Engine restored, absl::Time start)
      : engine(std::move(restored)),
        disk(owner),
        core(
            [&owner](absl::Time now, const engine::Event& event) { return owner.Step(now, event); },
            disk, owner, start, {}) {}

  engine::Engine engine;
  Disk disk;
  driver::DriverCore core;
  std::vector<driver::DriverCore::Input> inbox;
  // What came in while the process was stopped: it waits in sockets, and a driver that wakes first
  // does not see it yet.
  std::vector<driver::DriverCore::Input> unread;
  absl::Time unread_until = absl::InfinitePast();
  std::vector<std::pair<absl::Time, absl::Time>> freezes;
  std::vector<engine::Send> released;  // by the run under way
  absl::Time busy_until = absl::InfinitePast();
  absl::Time wake = absl::InfiniteFuture();
};

SimCoordinator::SimCoordinator(World& world, uint64_t seed)
    : world_(world),
      rng_(DeriveSeed(seed, "coordinator")),
      thoughts_(DeriveSeed(seed, "thoughts")) {}
SimCoordinator::~SimCoordinator() = default;

bool SimCoordinator::is_awake() const {
  return is_up() && process_->busy_until <= world_.now() &&
         process_->unread_until <= world_.now() && process_->inbox.empty();
}

absl::Duration SimCoordinator::AwakeSince(absl::Time then) const {
  absl::Duration awake = world_.now() - then;
  for (const auto& [from, until] : process_->freezes) {
    const absl::Time begin = std::max(from, then);
    const absl::Time end = std::min(until, world_.now());
    if (begin < end) awake -= end - begin;
  }
  return awake;
}

const engine::EngineState* SimCoordinator::state() const {
  return is_up() ? &process_->engine.state() : nullptr;
}

void SimCoordinator::Start() {
  if (is_up()) return;
  world_.Note("coordinator starts");
  store::MemoryStore store(disk_);
  absl::StatusOr<engine::Engine> restored =
      engine::Engine::Restore(engine::EngineOptions(), store.Load().value(), world_.now());
  if (!restored.ok()) {
    return world_.checker().Fail(absl::StrCat("restore: ", restored.status().ToString()));
  }
  ++life_;
  process_ = std::make_unique<Process>(*this, *std::move(restored), world_.now());
  world_.checker().OnStart(process_->engine.state(), disk_);
  world_.network().SetCoordinatorUp(true);
  Wake(world_.now());
}

void SimCoordinator::Kill() {
  if (!is_up()) return;
  world_.Note("coordinator dies");
  ++life_;
  process_.reset();
  world_.network().SetCoordinatorUp(false);
}

void SimCoordinator::Freeze(absl::Time until) {
  if (!is_up()) return;
  world_.Note("coordinator freezes");
  // Freezes may overlap, and AwakeSince counts no moment twice.
  const absl::Time frozen_until =
      process_->freezes.empty() ? absl::InfinitePast() : process_->freezes.back().second;
  if (until > frozen_until) {
    process_->freezes.emplace_back(std::max(frozen_until, world_.now()), until);
  }
  process_->busy_until = std::max(process_->busy_until, until);
  const absl::Time read_at = until + absl::Milliseconds(rng_.UniformInt(200));
  process_->unread_until = std::max(process_->unread_until, read_at);
  world_.heap().At(read_at, [this, life = life_] {
    if (life != life_ || world_.now() < process_->unread_until) return;
    for (driver::DriverCore::Input& input : std::exchange(process_->unread, {})) {
      process_->inbox.push_back(std::move(input));
    }
    Wake(world_.now());
  });
}

void SimCoordinator::Post(engine::Event event) { PostInput(std::move(event)); }

void SimCoordinator::Ask(std::function<void(const engine::EngineState&)> question) {
  PostInput(driver::DriverCore::Question(
      [this, question = std::move(question)] { question(process_->engine.state()); }));
}

void SimCoordinator::Think(const engine::Think& think) {
  ++world_.checker().reached()["thought"];
  const absl::Duration takes = absl::Milliseconds(1 + thoughts_.UniformInt(3000));
  world_.heap().After(takes, [this, life = life_, event = think.work()] {
    if (life == life_) Post(event);
  });
}

void SimCoordinator::PostInput(driver::DriverCore::Input input) {
  if (!is_up()) return;
  if (world_.now() < process_->unread_until) return process_->unread.push_back(std::move(input));
  process_->inbox.push_back(std::move(input));
  Wake(world_.now());
}

void SimCoordinator::Wake(absl::Time at) {
  at = std::max({at, process_->busy_until, world_.now()});
  if (at >= process_->wake) return;
  process_->wake = at;
  world_.heap().At(at, [this, at, life = life_] {
    if (life != life_ || process_->wake != at) return;
    process_->wake = absl::InfiniteFuture();
    if (process_->busy_until > world_.now()) return Wake(at);
    Run();
  });
}

void SimCoordinator::Run() {
  const std::vector<driver::DriverCore::Input> inputs = std::exchange(process_->inbox, {});
  const absl::Status status = process_->core.RunOnce(world_.now(), inputs);
  if (!status.ok()) {
    world_.Note("commit fails");
    return world_.KillCoordinatorForAWhile();
  }
  // The commit took its time; nothing leaves before its end.
  absl::Duration latency;
  if (!process_->released.empty()) {
    latency = world_.swarm().commit_latency_max * rng_.Uniform();
    process_->busy_until = world_.now() + latency;
  }
  world_.heap().After(latency,
                      [this, life = life_, released = std::exchange(process_->released, {})] {
                        if (life != life_) return;
                        for (const engine::Send& send : released) {
                          if (world_.bug() != PlantedBug::kAckBeforeCommit) ReleaseNow(send);
                        }
                      });
  Wake(process_->core.wake_time());
}

engine::Effects SimCoordinator::Step(absl::Time now, const engine::Event& event) {
  world_.NoteEvent(event);
  engine::Engine& engine = process_->engine;
  world_.checker().BeforeStep(engine.state(), event);
  engine::Effects effects = world_.StepWithBug(engine, now, event);
  world_.checker().AfterStep(engine.state(), event, effects);
  world_.CheckNeedlessLoss(effects);
  if (world_.bug() == PlantedBug::kAckBeforeCommit) {
    for (const engine::Send& send : effects.sends) ReleaseNow(send);
  }
  return effects;
}

void SimCoordinator::Release(engine::Send send) { process_->released.push_back(std::move(send)); }

void SimCoordinator::ReleaseNow(const engine::Send& send) {
  world_.checker().OnRelease(send, disk_);
  world_.Released(send);
}

}  // namespace caviar::simulation
