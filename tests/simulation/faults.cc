// The faults that befall a simulated cluster, each kind from its own stream of randomness.
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "tests/simulation/world.h"

namespace caviar::simulation {

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

}  // namespace caviar::simulation
