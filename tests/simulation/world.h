// One simulated cluster: coordinator, workers, network, users and the faults that befall them, all
// from one seed. First chaos; then everything heals, and every job must end as if nothing had been.
//
// Threads:     one owner.
// Determinism: a seed and a bug give one run, bit for bit: no wall clock, addresses or hash order.
#ifndef CAVIAR_TESTS_SIMULATION_WORLD_H_
#define CAVIAR_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/random/rng.h"
#include "coordinator/engine/engine_state.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/event_heap.h"
#include "tests/simulation/network.h"
#include "tests/simulation/planted_bug.h"
#include "tests/simulation/sim_coordinator.h"
#include "tests/simulation/sim_worker.h"
#include "tests/simulation/swarm.h"
#include "tests/simulation/users.h"

namespace caviar::simulation {

struct RunOptions {
  uint64_t seed = 1;
  bool is_big = false;
  bool is_traced = false;  // prints one line an event
  PlantedBug bug = PlantedBug::kNone;
  // This world instead of the one that is drawn from the seed.
  std::optional<Swarm> swarm = std::nullopt;
};

struct RunResult {
  std::string failure;  // empty: every promise was kept
  uint64_t trace_hash = 0;
  uint64_t steps = 0;
  absl::Duration simulated;
  std::map<std::string, uint64_t> reached;
};

RunResult RunSimulation(const RunOptions& options);

class World {
 public:
  explicit World(const RunOptions& options);
  RunResult Run();

  absl::Time now() const { return heap_.now(); }
  EventHeap& heap() { return heap_; }
  Network& network() { return network_; }
  SimCoordinator& coordinator() { return coordinator_; }
  Checker& checker() { return checker_; }
  const Swarm& swarm() const { return swarm_; }
  PlantedBug bug() const { return options_.bug; }
  bool is_chaos() const { return is_chaos_; }
  const std::set<std::string>& artifacts() const { return artifacts_; }
  // What is in the checkpoints that were ever made, by digest.
  struct Checkpoint {
    uint64_t history = 0;
    std::optional<double> best_value;
    uint32_t best_epoch = 0;
  };
  std::map<std::string, Checkpoint>& checkpoints() { return checkpoints_; }

  // What happened, for the trace and its hash.
  void Note(absl::string_view what, absl::string_view who = "", uint64_t a = 0, uint64_t b = 0,
            uint64_t c = 0);
  void NoteEvent(const engine::Event& event);

  // From the parts.
  bool PutArtifact(const std::string& digest);
  void Sent(const std::string& worker, const v1::WorkerMessage& message);
  void Released(const engine::Send& send);
  void WorkerExited(SimWorker& worker);
  void KillForAWhile(SimWorker& worker);
  void KillCoordinatorForAWhile();
  engine::Effects StepWithBug(engine::Engine& engine, absl::Time now, engine::Event event);
  // No attempt may be lost while its worker and the way to it are well.
  void CheckNeedlessLoss(const engine::Effects& effects);

 private:
  void ScheduleFault(absl::Duration mean, uint64_t stream, std::function<void(Rng&)> fault);
  void ScheduleFaults();
  void Lie(Rng& rng);
  void Heal();
  bool IsDone();
  // A lease that is over must have been acted upon.
  void CheckLeases();
  // What the faults left is what there would be without them.
  void CheckOutcomes();
  // All points and decisions of all jobs come out of their records again.
  void CheckReplays();
  void CheckAftermath();
  absl::Duration Patience() const;
  std::vector<SimWorker*> UpWorkers();

  const RunOptions options_;
  const Swarm swarm_;
  EventHeap heap_;
  std::set<std::string> artifacts_;
  std::map<std::string, Checkpoint> checkpoints_;
  Checker checker_;
  Network network_;
  SimCoordinator coordinator_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  std::map<std::string, SimWorker*> worker_by_id_;
  Users users_;
  Rng restarts_;
  Rng bugs_;
  std::deque<Rng> fault_streams_;
  std::deque<v1::WorkerMessage> heard_;        // for lies: what workers once said
  std::map<uint64_t, absl::Time> last_heard_;  // by session: when the engine stepped its message
  bool is_chaos_ = true;
  uint64_t trace_hash_ = 1469598103934665603u;
  uint64_t steps_ = 0;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_WORLD_H_
