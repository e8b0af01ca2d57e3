// One optimizer step over a flat run of parameters, one pass each.
//
// In all of them g = gradient_scale * gradient + l2 * value. `value`, `gradient` and the moments
// have `size` elements, padded: size is a multiple of kLanePadding and arrays start on a vector
// boundary.
//
// Threads:     thread-safe on distinct outputs.
// Determinism: element by element, so that only the SIMD target matters.
#ifndef CAVIAR_WORKER_LINALG_OPTIMIZER_KERNELS_H_
#define CAVIAR_WORKER_LINALG_OPTIMIZER_KERNELS_H_

#include <cstddef>

namespace caviar::linalg {

struct UpdateInput {
  const float* gradient = nullptr;
  size_t size = 0;
  float learning_rate = 0.0f;
  float gradient_scale = 1.0f;
  float l2 = 0.0f;
};

// value -= learning_rate * g
void GradientDescentUpdate(const UpdateInput& in, float* value);

// velocity = beta * velocity + (1 - beta) * g
// value   -= learning_rate * velocity, or, with look_ahead (Nesterov), * (beta * velocity + (1 -
// beta) * g)
void MomentumUpdate(const UpdateInput& in, float beta, bool look_ahead, float* value,
                    float* velocity);

// second = beta2 * second + (1 - beta2) * g^2
// value -= learning_rate * g / (sqrt(second) + epsilon)
void RmspropUpdate(const UpdateInput& in, float beta2, float epsilon, float* value, float* second);

struct AdamCoefficients {
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float first_correction = 1.0f;   // 1 / (1 - beta1^t), t from 1
  float second_correction = 1.0f;  // 1 / sqrt(1 - beta2^t)
  float shrink = 1.0f;             // 1 - learning_rate * decoupled decay; value is multiplied first
};

// first  = beta1 * first + (1 - beta1) * g
// second = beta2 * second + (1 - beta2) * g^2
// value  = shrink * value - learning_rate * first_correction * first /
//                           (second_correction * sqrt(second) + epsilon)
void AdamUpdate(const UpdateInput& in, const AdamCoefficients& adam, float* value, float* first,
                float* second);

// Sum of squares, in double across chunks. `size` is padded as above.
double SumOfSquares(const float* values, size_t size);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_OPTIMIZER_KERNELS_H_
