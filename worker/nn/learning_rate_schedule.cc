#include "worker/nn/learning_rate_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/status/check.h"

namespace caviar::nn {
namespace {

constexpr double kOneCycleRise = 0.3;    // share of the steps
constexpr double kOneCycleStart = 25.0;  // the first rate is the peak divided by this
constexpr double kOneCycleEnd = 1e4;     // the last rate is the peak divided by this

// From 1 at progress 0 to 0 at progress 1.
double CosineFall(double progress) { return 0.5 * (1.0 + std::cos(std::numbers::pi * progress)); }

}  // namespace

LearningRateSchedule::LearningRateSchedule(const Options& options) : options_(options) {
  CAVIAR_CHECK(options.learning_rate > 0 && options.horizon_epochs >= 1);
  CAVIAR_CHECK(options.steps_per_epoch >= 1 && options.step_epochs >= 1);
}

double LearningRateSchedule::At(int64_t step) const {
  const double rate = BaseAt(step);
  if (options_.warmup_epochs == 0 || options_.kind == Kind::kOneCycle) return rate;
  const double warmup_steps =
      static_cast<double>(options_.warmup_epochs) * static_cast<double>(options_.steps_per_epoch);
  return rate * std::min(1.0, static_cast<double>(step + 1) / warmup_steps);
}

double LearningRateSchedule::BaseAt(int64_t step) const {
  const double rate = options_.learning_rate;
  const int64_t horizon_steps = options_.horizon_epochs * options_.steps_per_epoch;
  step = std::min(step, horizon_steps - 1);
  const int64_t whole_epochs = step / options_.steps_per_epoch;
  const auto epoch = static_cast<double>(whole_epochs);
  const double progress = static_cast<double>(step) / static_cast<double>(horizon_steps);
  switch (options_.kind) {
    case Kind::kConstant:
      return rate;
    case Kind::kInverseTime:
      return rate / (1.0 + options_.decay_rate * epoch);
    case Kind::kExponential:
      return rate * std::exp(-options_.decay_rate * epoch);
    case Kind::kStep:
      return rate * std::pow(options_.step_factor, std::floor(epoch / options_.step_epochs));
    case Kind::kCosine:
      return rate * CosineFall(progress);
    case Kind::kOneCycle:
      return OneCycleAt(progress);
  }
  return rate;
}

double LearningRateSchedule::OneCycleAt(double progress) const {
  const double peak = options_.learning_rate;
  if (progress < kOneCycleRise) {
    const double first = peak / kOneCycleStart;
    return first + (peak - first) * (progress / kOneCycleRise);
  }
  const double last = peak / kOneCycleEnd;
  const double fall = CosineFall((progress - kOneCycleRise) / (1.0 - kOneCycleRise));
  return last + (peak - last) * fall;
}

}  // namespace caviar::nn
