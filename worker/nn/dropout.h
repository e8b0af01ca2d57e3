// Inverted dropout: in training each activation is dropped with probability `rate` and the others
// are multiplied by 1 / (1 - rate), so that inference needs no dropout at all.
//
// Threads:     not thread-safe; belongs to one training loop.
// Ownership:   owns the mask.
// Shapes:      padded views [batch x features].
// Errors:      a wrong shape, or Backward() without Forward(), aborts.
// Determinism: the mask is a function of one number drawn from `rng` and the shape.
#ifndef CAVIAR_WORKER_NN_DROPOUT_H_
#define CAVIAR_WORKER_NN_DROPOUT_H_

#include "common/random/rng.h"
#include "worker/linalg/matrix.h"

namespace caviar::nn {

class Dropout {
 public:
  // Requires: 0 < rate < 1.
  Dropout(float rate, int batch_max, int features);

  // Draws a new mask. `x` and `y` are different memory when x is still needed.
  void Forward(linalg::ConstMatrixView x, Rng& rng, linalg::MatrixView y);

  // Takes dL/dy in `d` and leaves dL/dx there.
  void Backward(linalg::MatrixView d);

 private:
  float rate_;
  linalg::Matrix mask_;
};

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_DROPOUT_H_
