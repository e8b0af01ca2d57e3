// The learning rate of every step of a trial, over the job's whole horizon: what an epoch's rate is
// never depends on where the trial may be paused or stopped.
//
// With e the epoch from 0, t the step from 0, T = horizon_epochs * steps_per_epoch:
//   constant      rate
//   inverse_time  rate / (1 + decay_rate * e)
//   exponential   rate * exp(-decay_rate * e)
//   step          rate * step_factor^floor(e / step_epochs)
//   cosine        rate * (1 + cos(pi t / T)) / 2
//   one_cycle     from rate / 25 linearly to rate over the first 30 % of T, then by a cosine to
//                 rate / 10^4 (Smith & Topin 2017, arXiv:1708.07120, in two phases)
// All but one_cycle are multiplied by (t + 1) / (warmup_epochs * steps_per_epoch) while that is
// below 1. Past the horizon the last value is kept.
//
// Threads: thread-safe (immutable).
#ifndef CAVIAR_WORKER_NN_LEARNING_RATE_SCHEDULE_H_
#define CAVIAR_WORKER_NN_LEARNING_RATE_SCHEDULE_H_

#include <cstdint>

namespace caviar::nn {

class LearningRateSchedule {
 public:
  enum class Kind { kConstant, kInverseTime, kExponential, kStep, kCosine, kOneCycle };
  struct Options {
    Kind kind = Kind::kConstant;
    double learning_rate = 0.001;  // > 0
    double decay_rate = 0.1;       // kInverseTime, kExponential; >= 0
    int step_epochs = 10;          // kStep; >= 1
    double step_factor = 0.1;      // kStep; (0, 1]
    int warmup_epochs = 0;         // 0 is off
    int horizon_epochs = 1;        // >= 1
    int64_t steps_per_epoch = 1;   // >= 1
  };

  explicit LearningRateSchedule(const Options& options);

  // The rate of step `step`, counted from 0 over all epochs.
  double At(int64_t step) const;

 private:
  double BaseAt(int64_t step) const;
  double OneCycleAt(double progress) const;

  Options options_;
};

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_LEARNING_RATE_SCHEDULE_H_
