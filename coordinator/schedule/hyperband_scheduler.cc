#include <algorithm>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/schedule/objective_key.h"
#include "coordinator/schedule/rung.h"
#include "coordinator/schedule/rung_levels.h"
#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

// Trials go to brackets in the order of their numbers, kind after kind, round after round: which
// bracket a trial belongs to is a function of its number. A rung is full when every trial that was
// sent to it has come or ended, and only then promotes the best 1/eta of them; so who is promoted
// does not depend on the order in which trials come. The last bracket is full when no more trials
// can be created.
int32_t FactorOf(const v1::TrialScheduler& scheduler) {
  return scheduler.has_bohb() ? scheduler.bohb().reduction_factor()
                              : scheduler.hyperband().reduction_factor();
}

int32_t MinEpochsOf(const v1::TrialScheduler& scheduler) {
  return scheduler.has_bohb() ? scheduler.bohb().min_epochs() : scheduler.hyperband().min_epochs();
}

class HyperbandScheduler : public TrialScheduler {
 public:
  explicit HyperbandScheduler(const v1::JobSpec& spec);

  uint32_t FirstGrant(uint32_t trial) const override { return KindOf(trial).levels.front(); }
  bool IsJudgedAt(uint32_t trial, uint32_t epoch) const override {
    const std::vector<uint32_t>& levels = KindOf(trial).levels;
    return std::binary_search(levels.begin(), levels.end(), epoch);
  }
  bool GrantsByRung() const override { return true; }
  bool Pauses() const override { return true; }

  void OnCreated(uint32_t trial) override;
  std::optional<std::string> OnJudged(const Judged& judged) override;
  void OnPaused(uint32_t trial) override;
  void OnGranted(uint32_t trial, uint32_t until_epoch) override;
  void OnEnded(uint32_t trial, bool is_completed) override;
  void OnGivenUp(uint32_t trial) override;

  std::optional<Promotion> PromotesAtOnce(uint32_t trial, const Outlook& outlook) override;
  std::optional<Promotion> NextPromotion(const Outlook& outlook) override;
  std::string WhyNotPromoted(uint32_t trial) const override;
  std::vector<v1::RungProgress> Rungs() const override;

 private:
  // One rung of one bracket.
  struct Stage {
    Rung rung;
    uint32_t sent = 0;  // trials that were granted its epochs
    uint32_t lost = 0;  // of those, ended before they came to it
    // Those who had earned it, whether or not they ended before they were granted its epochs, which
    // may depend on the order in which trials came: the best 1/eta of so many go on.
    uint32_t earned = 0;
  };
  struct Run {
    size_t kind = 0;
    std::vector<Stage> stages;
  };
  struct Place {
    size_t run = 0;
    size_t kind = 0;
  };

  Place PlaceOf(uint32_t trial) const;
  const Bracket& KindOf(uint32_t trial) const { return kinds_[PlaceOf(trial).kind]; }
  Run& RunOf(uint32_t trial) { return runs_[PlaceOf(trial).run]; }
  uint32_t Cost(size_t kind, size_t stage) const {
    return kinds_[kind].levels[stage + 1] - kinds_[kind].levels[stage];
  }
  // Sets which trials each rung of a bracket promotes, after something in it has changed.
  void Settle(size_t index);
  // Whether the last bracket gets no more trials.
  void Seal(bool is_sealed);
  std::optional<Promotion> LastChance(uint64_t epochs_left) const;

  const v1::Objective::Direction direction_;
  const uint32_t factor_;
  const std::vector<Bracket> kinds_;
  uint32_t round_ = 0;  // trials of one bracket of each kind
  std::vector<Run> runs_;
  // By trial - 1: how many rungs it came to, and was granted the epochs of.
  std::vector<uint8_t> reached_, granted_;
  bool is_sealed_ = false;
  // By kind and stage: runs that have a trial to promote there; how many came, and went on.
  std::vector<std::vector<absl::btree_set<size_t>>> promoting_;
  std::vector<std::vector<v1::RungProgress>> progress_;
};

HyperbandScheduler::HyperbandScheduler(const v1::JobSpec& spec)
    : direction_(spec.objective().direction()),
      factor_(static_cast<uint32_t>(FactorOf(spec.scheduler()))),
      kinds_(HyperbandBrackets(static_cast<uint32_t>(MinEpochsOf(spec.scheduler())), factor_,
                               static_cast<uint32_t>(spec.budget().epochs()))) {
  for (const Bracket& kind : kinds_) {
    round_ += kind.trials;
    promoting_.emplace_back(kind.levels.size());
    std::vector<v1::RungProgress>& progress = progress_.emplace_back();
    for (const uint32_t level : kind.levels) {
      progress.emplace_back().set_bracket(static_cast<uint32_t>(progress_.size()));
      progress.back().set_epochs(level);
    }
  }
}

HyperbandScheduler::Place HyperbandScheduler::PlaceOf(uint32_t trial) const {
  uint32_t rest = (trial - 1) % round_;
  size_t kind = 0;
  for (; rest >= kinds_[kind].trials; ++kind) rest -= kinds_[kind].trials;
  return {(trial - 1) / round_ * kinds_.size() + kind, kind};
}

void HyperbandScheduler::OnCreated(uint32_t trial) {
  CAVIAR_CHECK(trial == reached_.size() + 1) << "trial " << trial;
  reached_.push_back(0);
  granted_.push_back(0);
  const Place place = PlaceOf(trial);
  if (place.run < runs_.size()) return;
  CAVIAR_CHECK(place.run == runs_.size()) << "trial " << trial;
  if (!runs_.empty()) Settle(runs_.size() - 1);
  Run& run = runs_.emplace_back();
  run.kind = place.kind;
  run.stages.resize(kinds_[place.kind].levels.size());
}

void HyperbandScheduler::OnGranted(uint32_t trial, uint32_t until_epoch) {
  const Place place = PlaceOf(trial);
  const std::vector<uint32_t>& levels = kinds_[place.kind].levels;
  const size_t target =
      std::lower_bound(levels.begin(), levels.end(), until_epoch) - levels.begin();
  CAVIAR_CHECK(target < levels.size()) << "trial " << trial << " to " << until_epoch;
  Run& run = runs_[place.run];
  granted_[trial - 1] = static_cast<uint8_t>(target + 1);
  ++run.stages[target].sent;
  if (target > 0) {
    v1::RungProgress& from = progress_[place.kind][target - 1];
    from.set_promoted(from.promoted() + 1);
    run.stages[target - 1].rung.SetStatus(trial, Rung::Status::kGone);
  }
  Settle(place.run);
}

std::optional<std::string> HyperbandScheduler::OnJudged(const Judged& judged) {
  const Place place = PlaceOf(judged.trial);
  const size_t stage = reached_[judged.trial - 1]++;
  CAVIAR_CHECK(stage < kinds_[place.kind].levels.size() &&
               kinds_[place.kind].levels[stage] == judged.epochs)
      << "trial " << judged.trial << " at " << judged.epochs << " epochs";
  runs_[place.run].stages[stage].rung.Insert(judged.trial, KeyOf(direction_, judged.value));
  v1::RungProgress& progress = progress_[place.kind][stage];
  progress.set_trials(progress.trials() + 1);
  Settle(place.run);
  return std::nullopt;
}

void HyperbandScheduler::OnPaused(uint32_t trial) {
  if (reached_[trial - 1] == 0) return;
  RunOf(trial).stages[reached_[trial - 1] - 1].rung.SetStatus(trial, Rung::Status::kWaiting);
  Settle(PlaceOf(trial).run);
}

void HyperbandScheduler::OnEnded(uint32_t trial, bool) {
  Run& run = RunOf(trial);
  const size_t reached = reached_[trial - 1];
  if (granted_[trial - 1] > reached) ++run.stages[reached].lost;
  if (reached > 0) run.stages[reached - 1].rung.SetStatus(trial, Rung::Status::kGone);
  Settle(PlaceOf(trial).run);
}

void HyperbandScheduler::OnGivenUp(uint32_t trial) {
  if (reached_[trial - 1] == 0) return;
  RunOf(trial).stages[reached_[trial - 1] - 1].rung.SetStatus(trial, Rung::Status::kGone);
  Settle(PlaceOf(trial).run);
}

void HyperbandScheduler::Settle(size_t index) {
  Run& run = runs_[index];
  const bool is_last = index + 1 == runs_.size();
  const bool has_all_trials =
      !is_last || is_sealed_ || PlaceOf(static_cast<uint32_t>(reached_.size()) + 1).run != index;
  bool is_decided = has_all_trials;  // who is sent to this rung
  run.stages.front().earned = run.stages.front().sent;
  for (size_t stage = 0; stage + 1 < run.stages.size(); ++stage) {
    Stage& from = run.stages[stage];
    const bool is_full = is_decided && from.rung.size() + from.lost == from.sent;
    from.rung.SetTop(is_full ? from.earned / factor_ : 0);
    run.stages[stage + 1].earned =
        static_cast<uint32_t>(std::min(from.rung.top(), from.rung.size()));
    is_decided = is_full && from.rung.undecided() == 0;
    if (from.rung.BestOfTop().has_value()) {
      promoting_[run.kind][stage].insert(index);
    } else {
      promoting_[run.kind][stage].erase(index);
    }
  }
}

void HyperbandScheduler::Seal(bool is_sealed) {
  if (is_sealed == is_sealed_) return;
  is_sealed_ = is_sealed;
  if (!runs_.empty()) Settle(runs_.size() - 1);
}

std::optional<Promotion> HyperbandScheduler::PromotesAtOnce(uint32_t trial,
                                                            const Outlook& outlook) {
  Seal(!outlook.may_create);
  const Place place = PlaceOf(trial);
  const size_t reached = reached_[trial - 1];
  if (reached == 0 || reached == kinds_[place.kind].levels.size()) return std::nullopt;
  if (!runs_[place.run].stages[reached - 1].rung.IsInTop(trial)) return std::nullopt;
  if (Cost(place.kind, reached - 1) > outlook.epochs_left) return std::nullopt;
  return Promotion{trial, kinds_[place.kind].levels[reached]};
}

// The oldest bracket first.
std::optional<Promotion> HyperbandScheduler::NextPromotion(const Outlook& outlook) {
  Seal(!outlook.may_create);
  size_t oldest = runs_.size();
  std::optional<Promotion> next;
  for (size_t kind = 0; kind < kinds_.size(); ++kind) {
    for (size_t stage = 0; stage + 1 < kinds_[kind].levels.size(); ++stage) {
      const absl::btree_set<size_t>& runs = promoting_[kind][stage];
      if (runs.empty() || *runs.begin() > oldest) continue;
      if (Cost(kind, stage) > outlook.epochs_left) continue;
      oldest = *runs.begin();
      next =
          Promotion{*runs_[oldest].stages[stage].rung.BestOfTop(), kinds_[kind].levels[stage + 1]};
    }
  }
  if (next.has_value() || !outlook.is_last_chance) return next;
  return LastChance(outlook.epochs_left);
}

// No bracket was large enough for its last rung, or none of its trials got there: the best of the
// highest rung goes on, so that one trial is trained to the end.
std::optional<Promotion> HyperbandScheduler::LastChance(uint64_t epochs_left) const {
  for (const std::vector<v1::RungProgress>& progress : progress_) {
    if (progress.back().trials() > 0) return std::nullopt;
  }
  std::optional<Promotion> best;
  double best_key = 0;
  uint32_t best_level = 0;
  for (const Run& run : runs_) {
    const std::vector<uint32_t>& levels = kinds_[run.kind].levels;
    for (size_t stage = 0; stage + 1 < levels.size(); ++stage) {
      const Rung& rung = run.stages[stage].rung;
      const std::optional<uint32_t> trial = rung.BestWaiting();
      if (!trial.has_value() || Cost(run.kind, stage) > epochs_left) continue;
      const double key = rung.KeyOf(*trial);
      if (best.has_value() &&
          (levels[stage] < best_level || (levels[stage] == best_level && key >= best_key))) {
        continue;
      }
      best = Promotion{*trial, levels[stage + 1]};
      best_key = key;
      best_level = levels[stage];
    }
  }
  return best;
}

std::string HyperbandScheduler::WhyNotPromoted(uint32_t trial) const {
  const Place place = PlaceOf(trial);
  const size_t reached = reached_[trial - 1];
  if (reached == 0) return "hyperband: not judged yet";
  const Stage& stage = runs_[place.run].stages[reached - 1];
  const uint32_t level = kinds_[place.kind].levels[reached - 1];
  const std::string where =
      absl::StrCat("at ", level, level == 1 ? " epoch" : " epochs", " in bracket ", place.run + 1);
  if (stage.rung.size() + stage.lost < stage.sent) {
    return absl::StrCat("hyperband: the other trials ", where, " had not come there");
  }
  const std::string best =
      absl::StrCat("the best ", stage.earned / factor_, " of ", stage.earned, " ", where);
  if (stage.rung.IsInTop(trial)) {
    return absl::StrCat("hyperband: among ", best, ", but the budget's epochs are used up");
  }
  return absl::StrCat("hyperband: not among ", best);
}

std::vector<v1::RungProgress> HyperbandScheduler::Rungs() const {
  std::vector<v1::RungProgress> all;
  for (const std::vector<v1::RungProgress>& kind : progress_) {
    all.insert(all.end(), kind.begin(), kind.end());
  }
  return all;
}

}  // namespace

std::unique_ptr<TrialScheduler> MakeHyperbandScheduler(const v1::JobSpec& spec) {
  return std::make_unique<HyperbandScheduler>(spec);
}

}  // namespace caviar::schedule
