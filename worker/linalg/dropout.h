// Inverted dropout, which kernels apply on the way out of a layer: each value is dropped with
// probability `rate`, and the others are multiplied by 1 / (1 - rate), so that inference needs no
// dropout at all.
//
// Which ones are dropped is a hash of (key, place), not a sequence, so that it is vectorised and
// one draw of the trial's generator is enough for a whole matrix. A dropped value is stored as -0
// and a zero that was kept as +0: the way back reads from the values themselves what was dropped.
//
// Determinism: the same key, rate, shape and stride drop the same places on every machine.
#ifndef CAVIAR_WORKER_LINALG_DROPOUT_H_
#define CAVIAR_WORKER_LINALG_DROPOUT_H_

#include <cstdint>

namespace caviar::linalg {

struct Dropout {
  uint64_t key = 0;
  float rate = 0.0f;  // [0, 1); 0 drops nothing
};

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_DROPOUT_H_
