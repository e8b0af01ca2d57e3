#include "worker/nn/bias_activation.h"

#include <algorithm>

#include "common/status/check.h"
#include "worker/linalg/activation_kernels.h"

namespace caviar::nn {

BiasActivation::BiasActivation(linalg::ActivationFunction activation, Parameter bias)
    : activation_(activation), bias_(bias) {}

void BiasActivation::Initialize() { std::fill(bias_.value.begin(), bias_.value.end(), 0.0f); }

void BiasActivation::Forward(linalg::ConstMatrixView x, linalg::Dropout dropout,
                             linalg::MatrixView y) {
  CAVIAR_CHECK(static_cast<size_t>(x.cols) == bias_.value.size());
  linalg::BiasActivate(x, bias_.value.data(), activation_, dropout, y);
  y_ = y;
  dropout_ = dropout;
}

void BiasActivation::Backward(linalg::MatrixView d) {
  CAVIAR_CHECK(y_.data != nullptr) << "no Forward() before Backward()";
  linalg::BiasActivateBackward(y_, activation_, dropout_, d, bias_.gradient.data());
}

}  // namespace caviar::nn
