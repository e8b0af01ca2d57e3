// The coordinator's process: the real engine under the real driver core over a memory disk that
// outlives it. Commits take time and may fail; the process may stop, stand still and start anew.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_SIMULATION_SIM_COORDINATOR_H_
#define CAVIAR_TESTS_SIMULATION_SIM_COORDINATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/driver/driver_core.h"
#include "coordinator/engine/engine.h"
#include "coordinator/store/memory_store.h"

namespace caviar::simulation {

class World;

class SimCoordinator : private driver::Sink {
 public:
  SimCoordinator(World& world, uint64_t seed);
  ~SimCoordinator();

  void Start();
  void Kill();
  // SIGSTOP until then.
  void Freeze(absl::Time until);

  bool is_up() const { return process_ != nullptr; }
  // Up, and neither standing still nor committing.
  bool is_awake() const;
  // How much of the time since then the process was not stopped by Freeze.
  absl::Duration AwakeSince(absl::Time then) const;
  // Nothing happens to it while it is down.
  void Post(engine::Event event);
  // Steps what the thought comes to, some time from now.
  void Think(const engine::Think& think);
  // Runs `question` on the state once what came before is durable.
  void Ask(std::function<void(const engine::EngineState&)> question);

  const store::MemoryDisk& durable() const { return disk_; }
  const engine::EngineState* state() const;

 private:
  struct Process;
  class Disk;

  void Release(engine::Send send) override;
  void ReleaseNow(const engine::Send& send);
  engine::Effects Step(absl::Time now, const engine::Event& event);
  void PostInput(driver::DriverCore::Input input);
  void Wake(absl::Time at);
  void Run();

  World& world_;
  Rng rng_;
  Rng thoughts_;
  store::MemoryDisk disk_;
  std::unique_ptr<Process> process_;
  uint64_t life_ = 0;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_SIM_COORDINATOR_H_
