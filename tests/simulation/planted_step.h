// Engine::Step with one of the planted bugs around it.
#ifndef CAVIAR_TESTS_SIMULATION_PLANTED_STEP_H_
#define CAVIAR_TESTS_SIMULATION_PLANTED_STEP_H_

#include "common/random/rng.h"
#include "coordinator/engine/engine.h"
#include "tests/simulation/planted_bug.h"

namespace caviar::simulation {

engine::Effects PlantedStep(PlantedBug bug, engine::Engine& engine, absl::Time now,
                            engine::Event event, Rng& rng);

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_PLANTED_STEP_H_
