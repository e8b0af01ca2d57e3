#include "worker/nn/optimizer.h"

#include <cmath>

#include "common/status/check.h"
#include "worker/linalg/optimizer_kernels.h"

namespace caviar::nn {

int MomentsOf(Optimizer::Kind kind) {
  switch (kind) {
    case Optimizer::Kind::kGradientDescent:
      return 0;
    case Optimizer::Kind::kMomentum:
    case Optimizer::Kind::kNesterov:
    case Optimizer::Kind::kRmsprop:
      return 1;
    case Optimizer::Kind::kAdam:
    case Optimizer::Kind::kAdamW:
      return 2;
  }
  return 0;
}

Optimizer::Optimizer(const Options& options, const ParameterLayout& layout)
    : options_(options),
      weights_end_(layout.weights_end()),
      trainable_end_(layout.trainable_end()),
      moments_(trainable_end_ * static_cast<size_t>(MomentsOf(options.kind))) {}

void Optimizer::set_options(const Options& options) {
  CAVIAR_CHECK(options.kind == options_.kind);
  options_ = options;
}

void Optimizer::Step(double learning_rate, double gradient_scale, Parameters& parameters) {
  CAVIAR_CHECK(parameters.gradients().size() == trainable_end_);
  ++steps_;
  if (MomentsOf(options_.kind) == 2) {
    const auto t = static_cast<double>(steps_);
    first_correction_ = static_cast<float>(1.0 / (1.0 - std::pow(options_.beta1, t)));
    second_correction_ = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, t)));
  }
  Update(0, weights_end_, true, learning_rate, gradient_scale, parameters);
  Update(weights_end_, trainable_end_, false, learning_rate, gradient_scale, parameters);
}

void Optimizer::Update(size_t first, size_t last, bool decays, double learning_rate,
                       double gradient_scale, Parameters& parameters) {
  if (first == last) return;
  const double decay = decays ? options_.weight_decay : 0.0;
  const bool decoupled = options_.kind == Kind::kAdamW;
  linalg::UpdateInput in;
  in.gradient = parameters.gradients().data() + first;
  in.size = last - first;
  in.learning_rate = static_cast<float>(learning_rate);
  in.gradient_scale = static_cast<float>(gradient_scale);
  in.l2 = decoupled ? 0.0f : static_cast<float>(decay);
  float* const value = parameters.values().data() + first;
  float* const moment = moments_.data() + first;  // never followed where there are no moments

  switch (options_.kind) {
    case Kind::kGradientDescent:
      return linalg::GradientDescentUpdate(in, value);
    case Kind::kMomentum:
    case Kind::kNesterov:
      return linalg::MomentumUpdate(in, static_cast<float>(options_.momentum),
                                    options_.kind == Kind::kNesterov, value, moment);
    case Kind::kRmsprop:
      return linalg::RmspropUpdate(in, static_cast<float>(options_.beta2),
                                   static_cast<float>(options_.epsilon), value, moment);
    case Kind::kAdam:
    case Kind::kAdamW: {
      linalg::AdamCoefficients adam;
      adam.beta1 = static_cast<float>(options_.beta1);
      adam.beta2 = static_cast<float>(options_.beta2);
      adam.epsilon = static_cast<float>(options_.epsilon);
      adam.first_correction = first_correction_;
      adam.second_correction = second_correction_;
      adam.shrink = decoupled ? static_cast<float>(1.0 - learning_rate * decay) : 1.0f;
      return linalg::AdamUpdate(in, adam, value, moment, moment + trainable_end_);
    }
  }
}

double GradientClipScale(std::span<const float> gradients, double norm_max) {
  if (norm_max <= 0) return 1.0;
  const double norm = std::sqrt(linalg::SumOfSquares(gradients.data(), gradients.size()));
  return norm > norm_max ? norm_max / norm : 1.0;
}

}  // namespace caviar::nn
