#include "common/status/check.h"
#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

class FullScheduler : public TrialScheduler {
 public:
  explicit FullScheduler(uint32_t epochs) : epochs_(epochs) {}

  uint32_t FirstGrant(uint32_t) const override { return epochs_; }
  bool IsJudgedAt(uint32_t, uint32_t) const override { return false; }

  void OnCreated(uint32_t) override {}
  std::optional<std::string> OnJudged(const Judged&) override { return std::nullopt; }
  void OnPaused(uint32_t) override {}
  void OnGranted(uint32_t, uint32_t) override {}
  void OnEnded(uint32_t, bool) override {}

  // It never pauses a trial, so a trial that is paused was paused by a person and resumes with the
  // job, not by promotion.
  std::optional<Promotion> PromotesAtOnce(uint32_t, const Outlook&) override {
    return std::nullopt;
  }
  std::optional<Promotion> NextPromotion(const Outlook&) override { return std::nullopt; }
  std::string WhyNotPromoted(uint32_t) const override { return ""; }

 private:
  uint32_t epochs_;
};

}  // namespace

std::unique_ptr<TrialScheduler> MakeFullScheduler(const v1::Budget& budget) {
  CAVIAR_CHECK(budget.epochs() > 0) << "budget.epochs = " << budget.epochs();
  return std::make_unique<FullScheduler>(static_cast<uint32_t>(budget.epochs()));
}

}  // namespace caviar::schedule
