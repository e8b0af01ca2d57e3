#include "worker/train/hyperparameter_options.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace caviar::train {
namespace {

using Hp = v1::Hyperparameters;

absl::Status OutOfRange(const char* name, double value, const char* range) {
  return absl::InvalidArgumentError(absl::StrCat(name, " is ", value, "; it must be ", range));
}

// In single precision, in which 0.9999999999 is 1.
absl::Status CheckShare(const char* name, double value) {
  return value >= 0 && static_cast<float>(value) < 1 ? absl::OkStatus()
                                                     : OutOfRange(name, value, "in [0, 1)");
}

}  // namespace

absl::StatusOr<nn::Optimizer::Options> OptimizerOptions(const Hp& hyperparameters) {
  nn::Optimizer::Options options;
  options.momentum = hyperparameters.momentum();
  options.beta1 = hyperparameters.beta1();
  options.beta2 = hyperparameters.beta2();
  options.epsilon = hyperparameters.epsilon();
  options.weight_decay = hyperparameters.weight_decay();
  switch (hyperparameters.optimizer()) {
    case Hp::GRADIENT_DESCENT:
      options.kind = nn::Optimizer::Kind::kGradientDescent;
      return options;
    case Hp::MOMENTUM:
      options.kind = nn::Optimizer::Kind::kMomentum;
      return options;
    case Hp::NESTEROV:
      options.kind = nn::Optimizer::Kind::kNesterov;
      return options;
    case Hp::RMSPROP:
      options.kind = nn::Optimizer::Kind::kRmsprop;
      return options;
    case Hp::ADAM:
      options.kind = nn::Optimizer::Kind::kAdam;
      return options;
    case Hp::ADAMW:
      options.kind = nn::Optimizer::Kind::kAdamW;
      return options;
    default:
      return absl::InvalidArgumentError("optimizer is not set");
  }
}

absl::StatusOr<nn::LearningRateSchedule::Options> ScheduleOptions(const Hp& hyperparameters,
                                                                  int horizon_epochs,
                                                                  int64_t steps_per_epoch) {
  using Kind = nn::LearningRateSchedule::Kind;
  nn::LearningRateSchedule::Options options;
  options.learning_rate = hyperparameters.learning_rate();
  options.decay_rate = hyperparameters.decay_rate();
  options.step_epochs = hyperparameters.step_epochs();
  options.step_factor = hyperparameters.step_factor();
  options.warmup_epochs = hyperparameters.warmup_epochs();
  options.horizon_epochs = horizon_epochs;
  options.steps_per_epoch = steps_per_epoch;
  switch (hyperparameters.learning_rate_schedule()) {
    case Hp::CONSTANT:
      options.kind = Kind::kConstant;
      return options;
    case Hp::INVERSE_TIME:
      options.kind = Kind::kInverseTime;
      return options;
    case Hp::EXPONENTIAL:
      options.kind = Kind::kExponential;
      return options;
    case Hp::STEP:
      options.kind = Kind::kStep;
      return options;
    case Hp::COSINE:
      options.kind = Kind::kCosine;
      return options;
    case Hp::ONE_CYCLE:
      options.kind = Kind::kOneCycle;
      return options;
    default:
      return absl::InvalidArgumentError("learning_rate_schedule is not set");
  }
}

absl::StatusOr<nn::Initialization> InitializationOf(const Hp& hyperparameters) {
  switch (hyperparameters.initialization()) {
    case Hp::HE:
      return nn::Initialization::kHe;
    case Hp::XAVIER:
      return nn::Initialization::kXavier;
    default:
      return absl::InvalidArgumentError("initialization is not set");
  }
}

absl::Status CheckRanges(const Hp& hp) {
  if (!(hp.learning_rate() > 0) || !std::isfinite(hp.learning_rate())) {
    return OutOfRange("learning_rate", hp.learning_rate(), "> 0 and finite");
  }
  // Smaller ones are zero in single precision with denormals flushed: 0 / 0 where no gradient was.
  constexpr double kSmallest = std::numeric_limits<float>::min();
  if (!(hp.epsilon() >= kSmallest)) return OutOfRange("epsilon", hp.epsilon(), ">= 1.2e-38");
  if (!(hp.batch_norm_epsilon() >= kSmallest)) {
    return OutOfRange("batch_norm_epsilon", hp.batch_norm_epsilon(), ">= 1.2e-38");
  }
  if (!(hp.weight_decay() >= 0)) return OutOfRange("weight_decay", hp.weight_decay(), ">= 0");
  if (!(hp.gradient_clip_norm() >= 0)) {
    return OutOfRange("gradient_clip_norm", hp.gradient_clip_norm(), ">= 0");
  }
  if (hp.batch_size() < 1) return OutOfRange("batch_size", hp.batch_size(), ">= 1");
  if (hp.step_epochs() < 1) return OutOfRange("step_epochs", hp.step_epochs(), ">= 1");
  if (!(hp.step_factor() > 0)) return OutOfRange("step_factor", hp.step_factor(), "> 0");
  if (hp.warmup_epochs() < 0) return OutOfRange("warmup_epochs", hp.warmup_epochs(), ">= 0");
  if (hp.patience() < 0) return OutOfRange("patience", hp.patience(), ">= 0");
  for (const auto& [name, value] : {std::pair<const char*, double>{"momentum", hp.momentum()},
                                    {"beta1", hp.beta1()},
                                    {"beta2", hp.beta2()},
                                    {"batch_norm_momentum", hp.batch_norm_momentum()},
                                    {"leaky_slope", hp.leaky_slope()},
                                    {"dropout", hp.dropout()},
                                    {"label_smoothing", hp.label_smoothing()}}) {
    absl::Status status = CheckShare(name, value);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace caviar::train
