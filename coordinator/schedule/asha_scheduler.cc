#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/schedule/objective_key.h"
#include "coordinator/schedule/rung.h"
#include "coordinator/schedule/rung_levels.h"
#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

class AshaScheduler : public TrialScheduler {
 public:
  explicit AshaScheduler(const v1::JobSpec& spec)
      : direction_(spec.objective().direction()),
        factor_(static_cast<uint32_t>(spec.scheduler().asha().reduction_factor())),
        is_stopping_(spec.scheduler().asha().stopping()),
        levels_(AshaLevels(static_cast<uint32_t>(spec.scheduler().asha().min_epochs()), factor_,
                           static_cast<uint32_t>(spec.budget().epochs()))),
        rungs_(levels_.size()),
        promoted_(levels_.size()) {}

  uint32_t FirstGrant(uint32_t) const override { return levels_.front(); }
  bool IsJudgedAt(uint32_t, uint32_t epoch) const override {
    return std::binary_search(levels_.begin(), levels_.end(), epoch);
  }
  bool GrantsByRung() const override { return true; }
  bool Pauses() const override { return !is_stopping_; }

  void OnCreated(uint32_t trial) override {
    CAVIAR_CHECK(trial == reached_.size() + 1) << "trial " << trial;
    reached_.push_back(0);
  }
  std::optional<std::string> OnJudged(const Judged& judged) override;
  void OnPaused(uint32_t trial) override { SetStatus(trial, Rung::Status::kWaiting); }
  void OnGranted(uint32_t trial, uint32_t until_epoch) override;
  void OnEnded(uint32_t trial, bool) override { SetStatus(trial, Rung::Status::kGone); }

  void OnGivenUp(uint32_t trial) override { SetStatus(trial, Rung::Status::kGone); }

  std::optional<Promotion> PromotesAtOnce(uint32_t trial, const Outlook& outlook) override;
  std::optional<Promotion> NextPromotion(const Outlook& outlook) override;
  std::string WhyNotPromoted(uint32_t trial) const override;
  std::vector<v1::RungProgress> Rungs() const override;

 private:
  // From rung `rung` to the next.
  uint32_t Cost(size_t rung) const { return levels_[rung + 1] - levels_[rung]; }
  bool IsTop(size_t rung) const { return rung + 1 == levels_.size(); }
  void SetStatus(uint32_t trial, Rung::Status status) {
    const uint8_t reached = reached_[trial - 1];
    if (reached > 0) rungs_[reached - 1].SetStatus(trial, status);
  }
  // The promotion that NextPromotion would make from a rung above `rung`; from any if it is -1.
  std::optional<Promotion> Highest(int above, uint64_t epochs_left) const;

  const v1::Objective::Direction direction_;
  const uint32_t factor_;
  const bool is_stopping_;
  const std::vector<uint32_t> levels_;
  std::vector<Rung> rungs_;  // the last holds those that were trained to the end
  std::vector<uint32_t> promoted_;
  std::vector<uint8_t> reached_;  // by trial - 1: how many rungs it came to
};

std::optional<std::string> AshaScheduler::OnJudged(const Judged& judged) {
  const size_t index =
      std::lower_bound(levels_.begin(), levels_.end(), judged.epochs) - levels_.begin();
  CAVIAR_CHECK(index < levels_.size() && index == reached_[judged.trial - 1])
      << "trial " << judged.trial << " at " << judged.epochs << " epochs";
  SetStatus(judged.trial, Rung::Status::kGone);
  ++reached_[judged.trial - 1];
  Rung& rung = rungs_[index];
  rung.Insert(judged.trial, KeyOf(direction_, judged.value));
  if (IsTop(index)) return std::nullopt;
  const size_t top = rung.size() / factor_;
  rung.SetTop(is_stopping_ ? std::max<size_t>(top, 1) : top);
  if (!is_stopping_ || rung.IsInTop(judged.trial)) return std::nullopt;
  return WhyNotPromoted(judged.trial);
}

void AshaScheduler::OnGranted(uint32_t trial, uint32_t until_epoch) {
  for (size_t rung = 0; rung + 1 < levels_.size(); ++rung) {
    if (until_epoch == levels_[rung + 1]) ++promoted_[rung];
  }
  if (reached_[trial - 1] > 0 && until_epoch > levels_[reached_[trial - 1] - 1]) {
    SetStatus(trial, Rung::Status::kGone);
  }
}

std::optional<Promotion> AshaScheduler::Highest(int above, uint64_t epochs_left) const {
  for (int rung = static_cast<int>(rungs_.size()) - 2; rung > above; --rung) {
    const std::optional<uint32_t> best = rungs_[rung].BestOfTop();
    if (best.has_value() && Cost(rung) <= epochs_left) return Promotion{*best, levels_[rung + 1]};
  }
  return std::nullopt;
}

// The slot goes on with the trial unless a higher rung has a claim to it.
std::optional<Promotion> AshaScheduler::PromotesAtOnce(uint32_t trial, const Outlook& outlook) {
  const int rung = reached_[trial - 1] - 1;
  if (rung < 0 || IsTop(rung) || !rungs_[rung].IsInTop(trial)) return std::nullopt;
  if (Cost(rung) > outlook.epochs_left || Highest(rung, outlook.epochs_left)) return std::nullopt;
  return Promotion{trial, levels_[rung + 1]};
}

std::optional<Promotion> AshaScheduler::NextPromotion(const Outlook& outlook) {
  std::optional<Promotion> next = Highest(-1, outlook.epochs_left);
  if (next.has_value() || !outlook.is_last_chance || rungs_.back().size() > 0) return next;
  // So few came to the upper rungs that none earned the next one: the best of them goes on, so that
  // one trial is trained to the end.
  for (int rung = static_cast<int>(rungs_.size()) - 2; rung >= 0; --rung) {
    const std::optional<uint32_t> best = rungs_[rung].BestWaiting();
    if (best.has_value() && Cost(rung) <= outlook.epochs_left) {
      return Promotion{*best, levels_[rung + 1]};
    }
  }
  return std::nullopt;
}

std::string AshaScheduler::WhyNotPromoted(uint32_t trial) const {
  const int index = reached_[trial - 1] - 1;
  if (index < 0) return "asha: not judged yet";
  const Rung& rung = rungs_[index];
  const std::string place =
      absl::StrCat("the best ", rung.top(), " of ", rung.size(), " at ", levels_[index],
                   levels_[index] == 1 ? " epoch" : " epochs");
  if (rung.IsInTop(trial)) {
    return absl::StrCat("asha: among ", place, ", but the budget's epochs are used up");
  }
  return absl::StrCat("asha: not among ", place);
}

std::vector<v1::RungProgress> AshaScheduler::Rungs() const {
  std::vector<v1::RungProgress> progress;
  for (size_t i = 0; i < levels_.size(); ++i) {
    v1::RungProgress& rung = progress.emplace_back();
    rung.set_epochs(levels_[i]);
    rung.set_trials(static_cast<uint32_t>(rungs_[i].size()));
    rung.set_promoted(promoted_[i]);
  }
  return progress;
}

}  // namespace

std::unique_ptr<TrialScheduler> MakeAshaScheduler(const v1::JobSpec& spec) {
  return std::make_unique<AshaScheduler>(spec);
}

}  // namespace caviar::schedule
