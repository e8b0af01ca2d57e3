#include "common/status/check.h"
#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

class FullScheduler : public TrialScheduler {
 public:
  explicit FullScheduler(uint32_t epochs) : epochs_(epochs) {}

  uint32_t FirstGrant(uint32_t) const override { return epochs_; }

  Decision OnMeasurement(const TrialProgress& trial,
                         std::span<const TrialProgress>) const override {
    const bool used_up = trial.epochs >= epochs_;
    return {used_up ? Decision::Kind::kStop : Decision::Kind::kContinue, epochs_};
  }

  // It never pauses a trial, so a trial that is paused was paused by a person and resumes with the
  // job, not by promotion.
  std::optional<Promotion> NextPromotion(std::span<const TrialProgress>) const override {
    return std::nullopt;
  }

 private:
  uint32_t epochs_;
};

}  // namespace

std::unique_ptr<TrialScheduler> MakeFullScheduler(const v1::Budget& budget) {
  CAVIAR_CHECK(budget.epochs() > 0) << "budget.epochs = " << budget.epochs();
  return std::make_unique<FullScheduler>(static_cast<uint32_t>(budget.epochs()));
}

}  // namespace caviar::schedule
