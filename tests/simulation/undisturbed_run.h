// How a job ends when nothing goes wrong: one worker with one slot, no network, no faults.
//
// Determinism: pure functions.
#ifndef CAVIAR_TESTS_SIMULATION_UNDISTURBED_RUN_H_
#define CAVIAR_TESTS_SIMULATION_UNDISTURBED_RUN_H_

#include <cstdint>
#include <map>
#include <string>

#include "caviar/v1/job.pb.h"
#include "caviar/v1/records.pb.h"
#include "coordinator/store/memory_store.h"
#include "tests/simulation/swarm.h"

namespace caviar::simulation {

// By trial number: point, state, epochs, curve, value and metrics in one text.
using Outcomes = std::map<uint32_t, std::string>;

Outcomes UndisturbedOutcomes(const Swarm& swarm, const v1::JobSpec& spec);

// The same of what a disturbed run has left.
std::string OutcomeOf(const store::MemoryDisk& disk, const v1::TrialRecord& trial);

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_UNDISTURBED_RUN_H_
