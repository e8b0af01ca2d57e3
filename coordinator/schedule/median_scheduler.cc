#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/schedule/objective_key.h"
#include "coordinator/schedule/running_median.h"
#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

class MedianScheduler : public TrialScheduler {
 public:
  explicit MedianScheduler(const v1::JobSpec& spec)
      : direction_(spec.objective().direction()),
        epochs_(static_cast<uint32_t>(spec.budget().epochs())),
        startup_trials_(static_cast<uint32_t>(spec.scheduler().median().startup_trials())),
        warmup_epochs_(static_cast<uint32_t>(spec.scheduler().median().warmup_epochs())),
        interval_(static_cast<uint32_t>(spec.scheduler().median().interval_epochs())) {
    CAVIAR_CHECK(interval_ > 0 && startup_trials_ > 0);
  }

  uint32_t FirstGrant(uint32_t) const override { return epochs_; }
  // At the last epoch there is nothing left to stop.
  bool IsJudgedAt(uint32_t, uint32_t epoch) const override {
    return epoch >= warmup_epochs_ && epoch % interval_ == 0 && epoch < epochs_;
  }
  bool JudgesBestSoFar() const override { return true; }

  void OnCreated(uint32_t) override {}
  std::optional<std::string> OnJudged(const Judged& judged) override;
  void OnPaused(uint32_t) override {}
  void OnGranted(uint32_t, uint32_t) override {}
  void OnEnded(uint32_t trial, bool is_completed) override;

  std::optional<Promotion> PromotesAtOnce(uint32_t, const Outlook&) override {
    return std::nullopt;
  }
  std::optional<Promotion> NextPromotion(const Outlook&) override { return std::nullopt; }
  std::string WhyNotPromoted(uint32_t) const override { return ""; }

 private:
  const v1::Objective::Direction direction_;
  const uint32_t epochs_, startup_trials_, warmup_epochs_, interval_;
  // Of trials that have not ended, their keys step by step.
  absl::flat_hash_map<uint32_t, std::vector<double>> live_;
  uint32_t completed_ = 0;              // those with a judgement
  std::vector<RunningMedian> medians_;  // by step, of the completed trials
};

std::optional<std::string> MedianScheduler::OnJudged(const Judged& judged) {
  std::vector<double>& keys = live_[judged.trial];
  const size_t step = keys.size();
  keys.push_back(KeyOf(direction_, judged.value));
  if (completed_ < startup_trials_) return std::nullopt;
  const double median = medians_[step].Median();
  if (keys.back() <= median) return std::nullopt;
  return absl::StrCat("median: ",
                      judged.value.has_value() ? absl::StrCat(*judged.value, " is worse than ")
                                               : std::string("nothing measured, against "),
                      ValueOf(direction_, median), ", the median of ", completed_,
                      completed_ == 1 ? " completed trial at " : " completed trials at ",
                      judged.epochs, judged.epochs == 1 ? " epoch" : " epochs");
}

void MedianScheduler::OnEnded(uint32_t trial, bool is_completed) {
  const auto ended = live_.find(trial);
  if (ended == live_.end()) return;
  const std::vector<double> keys = std::move(ended->second);
  live_.erase(ended);
  if (!is_completed) return;
  ++completed_;
  if (medians_.empty()) medians_.resize(epochs_ / interval_ + 1);
  for (size_t step = 0; step < medians_.size(); ++step) {
    medians_[step].Add(step < keys.size() ? keys[step] : keys.back());
  }
}

}  // namespace

std::unique_ptr<TrialScheduler> MakeMedianScheduler(const v1::JobSpec& spec) {
  return std::make_unique<MedianScheduler>(spec);
}

}  // namespace caviar::schedule
