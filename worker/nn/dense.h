// The linear part of a layer: z = x W. Bias, normalisation and activation follow it as layers of
// their own, because with batch norm there is no bias.
//
// Threads:     not thread-safe; one Dense belongs to one training loop.
// Ownership:   borrows its parameter, which outlives it; views are borrowed for the call.
// Shapes:      W is row-major [inputs x outputs] without padding; x is [batch x inputs],
//              z is [batch x outputs].
// Errors:      a wrong shape aborts.
// Determinism: as linalg::Gemm.
#ifndef CAVIAR_WORKER_NN_DENSE_H_
#define CAVIAR_WORKER_NN_DENSE_H_

#include "common/random/rng.h"
#include "worker/linalg/matrix.h"
#include "worker/nn/parameters.h"

namespace caviar::nn {

enum class Initialization { kHe, kXavier };

class Dense {
 public:
  // Requires: weights has inputs * outputs elements.
  Dense(int inputs, int outputs, Parameter weights);

  // Draws W from a normal distribution of variance 2 / inputs (He et al. 2015) or
  // 2 / (inputs + outputs) (Glorot & Bengio 2010).
  void Initialize(Initialization initialization, Rng& rng);

  void Forward(linalg::ConstMatrixView x, linalg::MatrixView z) const;

  // Writes (does not add to) W's gradient, x^T dz. `x` is that of the latest Forward.
  void BackwardWeights(linalg::ConstMatrixView x, linalg::ConstMatrixView d_z);
  // dL/dx = dz W^T; the first layer of a network has no use for it.
  void BackwardInput(linalg::ConstMatrixView d_z, linalg::MatrixView d_x) const;

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }

 private:
  linalg::ConstMatrixView weights() const;

  int inputs_;
  int outputs_;
  Parameter weights_;
};

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_DENSE_H_
