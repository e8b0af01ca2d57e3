// Decides how far each trial trains: grants epochs, and says at each measurement whether the trial
// goes on.
//
// A grant is an epoch that a trial may train to; a worker never goes past it on its own, so that
// epochs are exact and a pause always has its checkpoint at the grant. A trial's life under a
// scheduler: FirstGrant() when it is created; OnMeasurement() after each durable epoch; a trial
// that was told to pause waits with its checkpoint until NextPromotion() names it, maybe on another
// worker. At the job's end what is paused becomes PRUNED.
//
// Threads:     immutable; thread-safe.
// Units:       epochs, counted from 1; a grant of n lets a trial train epochs 1 … n.
// Determinism: pure functions of their arguments; nothing here depends on workers or time.
#ifndef CAVIAR_COORDINATOR_SCHEDULE_TRIAL_SCHEDULER_H_
#define CAVIAR_COORDINATOR_SCHEDULE_TRIAL_SCHEDULER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "caviar/v1/job.pb.h"

namespace caviar::schedule {

// A trial as a scheduler sees it.
struct TrialProgress {
  uint32_t number = 0;
  v1::Trial::State state = v1::Trial::STATE_UNSPECIFIED;
  // Epochs on the durable curve, and the epoch it was granted.
  uint32_t epochs = 0;
  uint32_t until_epoch = 0;
  // The objective after each epoch, oldest first, as measured; NaN where it was absent.
  std::span<const double> objective_by_epoch = {};
};

struct Decision {
  enum class Kind {
    kContinue,  // train on to until_epoch, the old grant or a larger one
    kPause,     // keep the checkpoint of until_epoch and wait for a promotion
    kStop,      // end the trial as PRUNED, or as COMPLETED when its epochs are used up
  };
  Kind kind = Kind::kContinue;
  uint32_t until_epoch = 0;
};

// A paused trial that may go on.
struct Promotion {
  uint32_t trial_number = 0;
  uint32_t until_epoch = 0;
};

class TrialScheduler {
 public:
  virtual ~TrialScheduler() = default;

  // The epoch that trial `trial_number` may train to when it is first started; in
  // [1, budget.epochs].
  virtual uint32_t FirstGrant(uint32_t trial_number) const = 0;

  // After `trial` measured epoch trial.epochs. `trials` are all trials of the job by number, this
  // one included.
  virtual Decision OnMeasurement(const TrialProgress& trial,
                                 std::span<const TrialProgress> trials) const = 0;

  // The paused trial to continue before a new point is started; nullopt if none has earned it.
  virtual std::optional<Promotion> NextPromotion(std::span<const TrialProgress> trials) const = 0;
};

// Every trial trains all of budget.epochs.
std::unique_ptr<TrialScheduler> MakeFullScheduler(const v1::Budget& budget);

}  // namespace caviar::schedule

#endif  // CAVIAR_COORDINATOR_SCHEDULE_TRIAL_SCHEDULER_H_
