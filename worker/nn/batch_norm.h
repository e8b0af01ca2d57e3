// Batch normalisation of a [batch x features] matrix, one statistic per column, with the activation
// and the dropout that follow it in the same pass.
//
//   x_hat = (x - mean) / sqrt(variance + epsilon)
//   y     = dropout(f(gamma * x_hat + beta))
//
// Reference: Ioffe & Szegedy 2015, arXiv:1502.03167 (Algorithms 1 and 2). `variance` is the batch's
// biased one (divided by batch), computed in two passes so that it is never negative; the running
// averages take the same value, as the course notes do (the paper's Algorithm 2 would take the
// unbiased one). Activation and dropout are fused because all are bound by memory, not by
// arithmetic; Identity at rate 0 is the plain layer.
//
// Threads:     not thread-safe; one BatchNorm belongs to one training loop.
// Ownership:   borrows gamma, beta and the running averages, which outlive it; owns the backward
//              cache's statistics; views passed in are borrowed for the call only, except that x
//              and y of ForwardTrain() must stay unchanged until Backward().
// Shapes:      every matrix is a padded view [batch x features]; parameters are [features].
// Errors:      a wrong shape, fewer than two rows, or Backward() with no ForwardTrain() before it
//              is a caller's bug and aborts.
// Determinism: float storage, column sums in double across chunks of rows; same input and CPU type,
//              same bits.
#ifndef CAVIAR_WORKER_NN_BATCH_NORM_H_
#define CAVIAR_WORKER_NN_BATCH_NORM_H_

#include <cstdint>
#include <span>

#include "worker/linalg/activation_function.h"
#include "worker/linalg/dropout.h"
#include "worker/linalg/float_buffer.h"
#include "worker/linalg/matrix.h"
#include "worker/nn/parameters.h"

namespace caviar::nn {

class BatchNorm {
 public:
  struct Options {
    int features = 0;       // columns of the input; > 0
    float momentum = 0.9f;  // share of the *old* average that is kept; [0, 1). Early on
                            // min(momentum, 1 - 1/(t+1)) is used, t the batches before, so the
                            // first batches give a plain mean, not a pull to (0, 1).
    float epsilon = 1e-8f;  // added to the variance; > 0
    linalg::ActivationFunction activation;
  };

  BatchNorm(const Options& options, Parameter gamma, Parameter beta, std::span<float> running_mean,
            std::span<float> running_variance);

  // gamma = 1, beta = 0, running mean = 0, running variance = 1.
  void Initialize();

  // Normalises with the batch's own statistics, folds them into the running averages, and keeps
  // what Backward() needs. Requires: batch >= 2, because one row normalises to zero. `x` and `y`
  // are different memory.
  void ForwardTrain(linalg::ConstMatrixView x, linalg::Dropout dropout, linalg::MatrixView y);

  // Takes dL/dy of the latest ForwardTrain() in `d` and leaves dL/dx there; writes (does not add
  // to) the parameter gradients. With du the gradient before activation and dropout:
  //   dx = gamma / sqrt(variance + epsilon) * (du - mean(du) - x_hat * mean(du * x_hat))
  // Consumes the cache: call it once per ForwardTrain().
  void Backward(linalg::MatrixView d);

  // Batches folded into the running averages; a checkpoint puts it back.
  int64_t batches() const { return batches_; }
  void set_batches(int64_t batches) { batches_ = batches; }

 private:
  void UpdateRunningAverages();

  Options options_;
  Parameter gamma_, beta_;
  std::span<float> running_mean_, running_variance_;
  int64_t batches_ = 0;

  // Left by ForwardTrain() for Backward(); x_.data == nullptr means empty.
  linalg::ConstMatrixView x_, y_;
  linalg::Dropout dropout_;
  linalg::FloatBuffer mean_, variance_, inverse_std_, scale_;
};

// scale = gamma / sqrt(variance + epsilon): what ForwardTrain() multiplies by, and what inference
// does with other statistics. Arrays of one size.
void NormalizationScale(std::span<const float> gamma, std::span<const float> variance,
                        float epsilon, std::span<float> scale);

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_BATCH_NORM_H_
