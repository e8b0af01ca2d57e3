// Turns gradients into steps over all parameters of a network.
//
// With g the gradient (times gradient_scale, plus weight_decay * W for weights, see below):
//   gradient_descent  p -= rate * g
//   momentum          v  = beta v + (1 - beta) g;  p -= rate * v             (the course's form)
//   nesterov          v  = beta v + (1 - beta) g;  p -= rate * (beta v + (1 - beta) g)
//   rmsprop           s  = beta2 s + (1 - beta2) g^2;  p -= rate * g / (sqrt(s) + epsilon)
//   adam              m, s as above; m' = m / (1 - beta1^t), s' = s / (1 - beta2^t);
//                     p -= rate * m' / (sqrt(s') + epsilon)
//   adamw             p -= rate * weight_decay * p first, then adam without decay in g
// Weight decay touches weight matrices only, never biases, gamma or beta.
//
// Threads:     not thread-safe; belongs to one training loop.
// Ownership:   owns the moments.
// Determinism: element by element; same values and CPU type, same bits.
#ifndef CAVIAR_WORKER_NN_OPTIMIZER_H_
#define CAVIAR_WORKER_NN_OPTIMIZER_H_

#include <cstdint>
#include <span>

#include "worker/linalg/float_buffer.h"
#include "worker/nn/parameters.h"

namespace caviar::nn {

class Optimizer {
 public:
  enum class Kind { kGradientDescent, kMomentum, kNesterov, kRmsprop, kAdam, kAdamW };
  struct Options {
    Kind kind = Kind::kAdam;
    double momentum = 0.9;    // kMomentum, kNesterov: share of the old velocity kept; [0, 1)
    double beta1 = 0.9;       // kAdam, kAdamW; [0, 1)
    double beta2 = 0.999;     // kRmsprop, kAdam, kAdamW; [0, 1)
    double epsilon = 1e-8;    // kRmsprop, kAdam, kAdamW; > 0
    double weight_decay = 0;  // >= 0; 0 is off
  };

  // `layout` says which values are trained and which of them decay. Moments start at zero.
  Optimizer(const Options& options, const ParameterLayout& layout);

  // One step. Gradients are multiplied by gradient_scale (clipping) on the way.
  void Step(double learning_rate, double gradient_scale, Parameters& parameters);

  // From the next step on. Requires: the same kind, to which the moments belong.
  void set_options(const Options& options);

  // For checkpoints: all moments in one run (0, 1 or 2 times trainable_end floats), and the steps
  // taken.
  std::span<float> moments() { return moments_.span(); }
  std::span<const float> moments() const { return moments_.span(); }
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  void Update(size_t first, size_t last, bool decays, double learning_rate, double gradient_scale,
              Parameters& parameters);

  Options options_;
  size_t weights_end_;
  size_t trainable_end_;
  linalg::FloatBuffer moments_;
  int64_t steps_ = 0;
  float first_correction_ = 1.0f, second_correction_ = 1.0f;  // of this step, for Adam
};

// How many moments a parameter has: 0, 1 or 2.
int MomentsOf(Optimizer::Kind kind);

// What to multiply all gradients by so that their Euclidean norm is at most `norm_max`; 1 if it is
// already, or if norm_max is 0 (off).
double GradientClipScale(std::span<const float> gradients, double norm_max);

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_OPTIMIZER_H_
