// Column statistics and the fused passes that normalise, activate and drop, forward and backward.
//
// Threads:     thread-safe on distinct outputs.
// Shapes:      matrices are padded views [rows x cols]; per-column arrays have PaddedSize(cols)
//              elements and start on a vector boundary.
// Errors:      shapes that do not fit abort.
// Determinism: fixed order of summation for a SIMD target; same input and CPU type, same bits.
#ifndef CAVIAR_WORKER_LINALG_NORMALIZE_KERNELS_H_
#define CAVIAR_WORKER_LINALG_NORMALIZE_KERNELS_H_

#include "worker/linalg/activation_function.h"
#include "worker/linalg/dropout.h"
#include "worker/linalg/matrix.h"

namespace caviar::linalg {

// Mean and biased variance of each column, in two passes: first the mean (of differences to the
// first row, so that a constant column's is exact), then the mean square of x - mean. Never
// E[x^2] - mean^2, which cancels. Requires: rows >= 1.
void ColumnMoments(ConstMatrixView x, float* mean, float* variance);

// inverse_std = 1 / sqrt(variance + epsilon) and scale = gamma * inverse_std, for `cols` columns.
void NormalizationScale(const float* variance, const float* gamma, float epsilon, int cols,
                        float* inverse_std, float* scale);

// y = dropout(f((x - mean) * scale + shift)). `x` and `y` may be the same memory.
void NormalizeActivate(ConstMatrixView x, const float* mean, const float* scale, const float* shift,
                       ActivationFunction f, Dropout dropout, MatrixView y);

// Backward of y = dropout(f(gamma * x_hat + beta)) with x_hat = (x - mean) * inverse_std and mean,
// inverse_std the batch's own. Takes dL/dy in `d` and leaves dL/dx there; writes the gradients of
// gamma and beta.
void NormalizeActivateBackward(ConstMatrixView x, ConstMatrixView y, const float* mean,
                               const float* inverse_std, const float* gamma, ActivationFunction f,
                               Dropout dropout, MatrixView d, float* gamma_gradient,
                               float* beta_gradient);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_NORMALIZE_KERNELS_H_
