// Inverted dropout: y = x * mask, where mask is 0 with probability `rate` and 1 / (1 - rate) else.
//
// The mask's randomness is a hash of (key, place), not a sequence, so that it is vectorised and one
// draw of the trial's generator is enough for a whole matrix.
//
// Threads:     thread-safe on distinct outputs.
// Shapes:      padded views of equal shape.
// Determinism: the same key, rate, shape and stride give the same mask on every machine.
#ifndef CAVIAR_WORKER_LINALG_DROPOUT_KERNELS_H_
#define CAVIAR_WORKER_LINALG_DROPOUT_KERNELS_H_

#include <cstdint>

#include "worker/linalg/matrix.h"

namespace caviar::linalg {

// Fills `mask` and writes y = x * mask. Requires: 0 < rate < 1.
void Dropout(uint64_t key, float rate, ConstMatrixView x, MatrixView mask, MatrixView y);

// d *= mask.
void MultiplyElements(ConstMatrixView mask, MatrixView d);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_DROPOUT_KERNELS_H_
