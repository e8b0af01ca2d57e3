// People with patience: they submit jobs and repeat what was not answered, change their minds, and
// watch by cursor over crashes of the coordinator.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_SIMULATION_USERS_H_
#define CAVIAR_TESTS_SIMULATION_USERS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/engine/effects.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/event.h"

namespace caviar::simulation {

class World;

class Users {
 public:
  Users(World& world, uint64_t seed);

  void Start();
  void OnReply(const engine::Reply& reply);
  // Something happens to one of the jobs.
  void Meddle(Rng& rng);
  // A person adjusts, holds, resumes or rolls back a trial under way.
  void AdjustSome(Rng& rng);
  // All paused jobs and held trials are resumed, until they are.
  void ResumeAll();
  // Every job was accepted and has ended (or was deleted), and its watcher has seen the end.
  bool IsDone(const engine::EngineState& state) const;
  // The watchers know what there is to know.
  void CheckWatchers(const engine::EngineState& state);

 private:
  struct UserJob {
    size_t spec = 0;  // in Swarm::jobs
    uint32_t id = 0;  // once acknowledged
    bool is_deleted = false;
    // The watcher.
    uint64_t cursor = 0;
    bool is_final = false;
    bool is_polling = false;
    std::map<uint32_t, v1::Trial> trials;
    v1::Job job;
  };
  struct Call {
    size_t job = 0;
    engine::UserAsked asked;
    int tries = 0;
  };

  void Submit(size_t index);
  // Asks again every few seconds until there is an answer.
  void Repeat(uint64_t call);
  void Ask(size_t job, engine::UserAsked asked);
  // A person adds points of their own to the job.
  void AddPoints(size_t index);
  void Watch(size_t index);

  World& world_;
  Rng rng_;
  std::vector<UserJob> jobs_;
  std::map<uint64_t, Call> calls_;
  uint64_t calls_made_ = 0;
  uint64_t extends_ = 0;
  uint64_t additions_ = 0;
  // Job and number of each trial that an addition was told to have made.
  std::set<std::pair<uint32_t, uint32_t>> added_;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_USERS_H_
