// The non-linearities that kernels apply on the way out of a layer.
#ifndef CAVIAR_WORKER_LINALG_ACTIVATION_FUNCTION_H_
#define CAVIAR_WORKER_LINALG_ACTIVATION_FUNCTION_H_

namespace caviar::linalg {

struct ActivationFunction {
  enum class Kind { kIdentity, kRelu, kLeakyRelu, kTanh, kSigmoid };
  Kind kind = Kind::kIdentity;
  float leaky_slope = 0.01f;  // kLeakyRelu: slope below zero; [0, 1)
};

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_ACTIVATION_FUNCTION_H_
