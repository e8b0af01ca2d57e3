// Bias, activation and dropout in one pass, forward and backward, for layers that are not
// normalised.
//
// Threads:     thread-safe on distinct outputs.
// Shapes:      matrices are padded views [rows x cols]; per-column arrays have PaddedSize(cols)
//              elements and start on a vector boundary.
// Errors:      shapes that do not fit abort.
// Determinism: fixed order of summation for a SIMD target.
#ifndef CAVIAR_WORKER_LINALG_ACTIVATION_KERNELS_H_
#define CAVIAR_WORKER_LINALG_ACTIVATION_KERNELS_H_

#include "worker/linalg/activation_function.h"
#include "worker/linalg/dropout.h"
#include "worker/linalg/matrix.h"

namespace caviar::linalg {

// y = dropout(f(x + bias)). `x` and `y` may be the same memory.
void BiasActivate(ConstMatrixView x, const float* bias, ActivationFunction f, Dropout dropout,
                  MatrixView y);

// Backward of that: takes dL/dy in `d`, leaves dL/dx there, and writes the bias's gradient, its sum
// down the rows.
void BiasActivateBackward(ConstMatrixView y, ActivationFunction f, Dropout dropout, MatrixView d,
                          float* bias_gradient);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_ACTIVATION_KERNELS_H_
