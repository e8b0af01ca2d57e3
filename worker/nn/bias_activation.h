// Bias, activation and dropout of a layer that is not normalised: y = dropout(f(x + bias)).
//
// Threads:     not thread-safe; belongs to one training loop.
// Ownership:   borrows its parameter, which outlives it; y of Forward() must stay unchanged until
//              Backward().
// Shapes:      padded views [batch x features]; bias is [features].
// Errors:      a wrong shape, or Backward() without Forward(), aborts.
// Determinism: as the kernels of linalg.
#ifndef CAVIAR_WORKER_NN_BIAS_ACTIVATION_H_
#define CAVIAR_WORKER_NN_BIAS_ACTIVATION_H_

#include "worker/linalg/activation_function.h"
#include "worker/linalg/dropout.h"
#include "worker/linalg/matrix.h"
#include "worker/nn/parameters.h"

namespace caviar::nn {

class BiasActivation {
 public:
  BiasActivation(linalg::ActivationFunction activation, Parameter bias);

  // bias = 0.
  void Initialize();

  // `x` and `y` may be the same memory.
  void Forward(linalg::ConstMatrixView x, linalg::Dropout dropout, linalg::MatrixView y);

  // Takes dL/dy in `d`, leaves dL/dx there, and writes (does not add to) the bias's gradient.
  void Backward(linalg::MatrixView d);

 private:
  linalg::ActivationFunction activation_;
  Parameter bias_;
  linalg::ConstMatrixView y_;
  linalg::Dropout dropout_;
};

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_BIAS_ACTIVATION_H_
