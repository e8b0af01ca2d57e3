// What training would yield, without training: metrics are a hash of (trial's seed, epoch, the
// values it was trained with so far), and the way a trial ends is one of its seed. So every
// attempt, on whatever worker, measures the same.
//
// Determinism: pure functions.
#ifndef CAVIAR_TESTS_SIMULATION_FAKE_TRAINER_H_
#define CAVIAR_TESTS_SIMULATION_FAKE_TRAINER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "caviar/v1/worker_service.pb.h"
#include "tests/simulation/swarm.h"

namespace caviar::simulation {

// Epochs at which something happens; 0 for never.
struct TrialPlan {
  uint32_t infeasible_at = 0;  // this epoch diverges
  uint32_t patience_at = 0;    // the trial stops by itself after this epoch
  uint32_t fails_at = 0;       // this epoch breaks for another reason
  uint32_t kills_at = 0;       // this epoch kills the worker's process
};
TrialPlan PlanOf(const Swarm& swarm, uint64_t trial_seed, uint32_t epochs);

const std::vector<std::string>& FakeMetricNames();
// In the order of the names; `seconds` is the caller's.
std::vector<double> FakeMetrics(const Swarm& swarm, uint64_t trial_seed, uint32_t epoch);

// What was learned depends on the values that each epoch was trained with: one of them, dropout,
// stands for all that a person may change. A history hashes them; it is 0 while nothing was
// changed.
uint64_t ExtendHistory(uint64_t history, double dropout);
double DropoutAt(const v1::Assign& assign, uint32_t epoch);
// Takes the trial's seed's place in what is measured and uploaded.
uint64_t LearningSeed(uint64_t trial_seed, uint64_t history);

// The trial's best epoch so far, as a trainer keeps it.
void Improve(const Swarm& swarm, const v1::Objective& objective, uint64_t learning_seed,
             uint32_t epoch, std::optional<double>& best, uint32_t& best_epoch);

// Digests of what an attempt uploads: the same for each attempt of the trial.
std::string CheckpointDigest(uint32_t job, uint64_t learning_seed, uint32_t epoch);
std::string ModelDigest(uint32_t job, uint64_t learning_seed, uint32_t epoch);

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_FAKE_TRAINER_H_
