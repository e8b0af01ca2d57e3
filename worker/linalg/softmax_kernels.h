// Softmax over the rows of a matrix, alone and fused with the cross-entropy loss and its gradient.
//
//   p_j  = exp(z_j - max z) / sum_i exp(z_i - max z)            (i over the classes)
//   loss = - sum_j q_j log p_j,   q = (1 - smoothing) onehot(label) + smoothing / classes
//
// Stable for any finite logits: the largest exponent is 0, and log p is taken of the sum, never of
// a p that may have become 0.
//
// Threads:     thread-safe on distinct outputs.
// Shapes:      logits are a padded view [rows x classes]; labels and predictions have a value a
// row. Errors:      NaN or infinite logits give a NaN or infinite loss; shapes that do not fit
// abort. Determinism: fixed order of summation for a SIMD target.
#ifndef CAVIAR_WORKER_LINALG_SOFTMAX_KERNELS_H_
#define CAVIAR_WORKER_LINALG_SOFTMAX_KERNELS_H_

#include <cstdint>

#include "worker/linalg/matrix.h"

namespace caviar::linalg {

// Replaces logits by probabilities.
void SoftmaxRows(MatrixView logits);

struct CrossEntropyOptions {
  const float* class_weights = nullptr;  // [classes]; null: all 1
  float smoothing = 0.0f;                // [0, 1)
  // Multiplies the gradient: 1 / rows for the gradient of a mean.
  float gradient_scale = 1.0f;
};

// Replaces logits by gradient_scale * weight(label) * (p - q), the gradient of the weighted losses'
// sum times gradient_scale. Writes the most probable class of each row (the first of equals) to
// `predictions`. Yields the weighted losses' sum.
double CrossEntropyGradient(MatrixView logits, const int32_t* labels,
                            const CrossEntropyOptions& options, int32_t* predictions);

// The plain losses' sum (weights 1, no smoothing) and the predictions, without a gradient. Uses the
// logits as scratch.
double CrossEntropy(MatrixView logits, const int32_t* labels, int32_t* predictions);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_SOFTMAX_KERNELS_H_
