#include "worker/nn/dense.h"

#include <cmath>

#include "common/status/check.h"
#include "worker/linalg/gemm.h"

namespace caviar::nn {

using linalg::ConstMatrixView;
using linalg::Gemm;
using linalg::MatrixView;
using linalg::Transpose;

Dense::Dense(int inputs, int outputs, Parameter weights)
    : inputs_(inputs), outputs_(outputs), weights_(weights) {
  const size_t size = static_cast<size_t>(inputs) * static_cast<size_t>(outputs);
  CAVIAR_CHECK(inputs > 0 && outputs > 0 && weights.value.size() == size);
}

ConstMatrixView Dense::weights() const {
  return {weights_.value.data(), inputs_, outputs_, outputs_};
}

void Dense::Initialize(Initialization initialization, Rng& rng) {
  const double fan = initialization == Initialization::kHe ? inputs_ : inputs_ + outputs_;
  const double deviation = std::sqrt(2.0 / fan);
  for (float& weight : weights_.value) weight = static_cast<float>(deviation * rng.Normal());
}

void Dense::Forward(ConstMatrixView x, MatrixView z) const {
  Gemm(Transpose::kNo, x, Transpose::kNo, weights(), z);
}

void Dense::BackwardWeights(ConstMatrixView x, ConstMatrixView d_z) {
  Gemm(Transpose::kYes, x, Transpose::kNo, d_z,
       {weights_.gradient.data(), inputs_, outputs_, outputs_});
}

void Dense::BackwardInput(ConstMatrixView d_z, MatrixView d_x) const {
  Gemm(Transpose::kNo, d_z, Transpose::kYes, weights(), d_x);
}

}  // namespace caviar::nn
