// Which faults exist in one simulated run and how strong they are: drawn from the seed, so that
// different seeds are different worlds.
//
// Determinism: a pure function of the seed.
#ifndef CAVIAR_TESTS_SIMULATION_SWARM_H_
#define CAVIAR_TESTS_SIMULATION_SWARM_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "caviar/v1/job.pb.h"
#include "common/random/rng.h"

namespace caviar::simulation {

struct Swarm {
  bool is_big = false;
  int workers = 1;
  uint32_t slots_max = 1;
  std::vector<v1::JobSpec> jobs;

  // Training.
  absl::Duration epoch_mean = absl::Seconds(1);
  absl::Duration checkpoint_interval = absl::Seconds(5);
  double infeasible_share = 0;  // of trials
  double patience_share = 0;
  double failing_share = 0;
  double poison_share = 0;  // trials that kill their worker's process, each time
  double nan_share = 0;     // of measurements

  // Workers that cannot run anything, w1 first: until everything heals, or for ever. Never all.
  int unfit_workers = 0;
  bool is_unfit_for_ever = false;
  double cannot_share = 0;  // of attempts that their worker cannot run, until everything heals

  // Network.
  absl::Duration delay_min;
  absl::Duration delay_mean;
  double tail_share = 0;  // of messages that take up to 5 s
  absl::Duration cut_mean = absl::InfiniteDuration();
  absl::Duration partition_mean = absl::InfiniteDuration();

  // Processes.
  absl::Duration worker_crash_mean = absl::InfiniteDuration();
  absl::Duration coordinator_crash_mean = absl::InfiniteDuration();
  absl::Duration pause_mean = absl::InfiniteDuration();
  absl::Duration drain_mean = absl::InfiniteDuration();

  // Disk.
  absl::Duration commit_latency_max;
  double commit_failure = 0;

  // Lies: replayed and wild messages.
  absl::Duration lie_mean = absl::InfiniteDuration();

  // Users.
  absl::Duration user_mean = absl::InfiniteDuration();
  // They change, hold and roll back trials.
  absl::Duration adjust_mean = absl::InfiniteDuration();

  absl::Duration chaos;  // then everything heals
};

Swarm DrawSwarm(uint64_t seed, bool is_big);

// One job on eight workers, of which some die all the time, and the coordinator now and then.
Swarm ChaosAround(const v1::JobSpec& job, uint64_t seed);

// An exponential wait; infinite for an infinite mean.
absl::Duration DrawWait(Rng& rng, absl::Duration mean);

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_SWARM_H_
