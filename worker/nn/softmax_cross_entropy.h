// Softmax and cross-entropy as one layer: the mean over the mini-batch of
//   weight(label) * - sum_j q_j log softmax(z)_j,
//   q = (1 - label_smoothing) onehot(label) + label_smoothing / classes.
// The mean divides by the rows, not by their weights: balanced weights average to 1 over the
// training set.
//
// Threads:     not thread-safe; belongs to one training loop.
// Shapes:      logits are a padded view [batch x classes]; labels are in [0, classes).
// Errors:      a wrong shape aborts; non-finite logits give a non-finite loss.
// Determinism: as the kernels of linalg.
#ifndef CAVIAR_WORKER_NN_SOFTMAX_CROSS_ENTROPY_H_
#define CAVIAR_WORKER_NN_SOFTMAX_CROSS_ENTROPY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "worker/linalg/matrix.h"

namespace caviar::nn {

class SoftmaxCrossEntropy {
 public:
  struct Options {
    float label_smoothing = 0.0f;      // [0, 1)
    std::vector<float> class_weights;  // one a class, or empty: all 1
  };
  struct Result {
    double loss_sum = 0;  // over the rows; J = loss_sum / rows
    int correct = 0;      // rows whose most probable class is their label
  };

  SoftmaxCrossEntropy(Options options, int batch_max);

  // From the next mini-batch on.
  void set_options(Options options);

  // Replaces the logits by dJ/dlogits.
  Result LossAndGradient(linalg::MatrixView logits, std::span<const int32_t> labels);

 private:
  Options options_;
  std::vector<int32_t> predictions_;
};

// weight(class) = rows / (classes * rows of the class); 1 for a class without rows.
std::vector<float> BalancedClassWeights(std::span<const int32_t> labels, int classes);

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_SOFTMAX_CROSS_ENTROPY_H_
