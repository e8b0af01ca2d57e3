// Randomness from the kernel, drawn at the edge and then recorded: seeds and jitter.
//
// Threads: thread-safe.
#ifndef CAVIAR_COORDINATOR_SERVICE_RANDOM_NUMBER_H_
#define CAVIAR_COORDINATOR_SERVICE_RANDOM_NUMBER_H_

#include <cstdint>

namespace caviar::service {

uint32_t RandomNumber();

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_RANDOM_NUMBER_H_
