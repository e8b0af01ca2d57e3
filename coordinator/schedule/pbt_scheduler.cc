#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/schedule/objective_key.h"
#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {
namespace {

// Trials go to populations in the order of their numbers. A population moves in step: each time all
// of its trials that still live wait at the end of their grant, its generation is decided. Those at
// the bottom are promoted first, as copies of those at the top, which wait there with their
// checkpoints until the last copy was made; then the others.
//
// Who belongs to a generation: those that came to its end and did not end there. Nobody who waits
// ends by itself, so that this, and with it who copies whom, never changes once all have come.
class PbtScheduler : public TrialScheduler {
 public:
  explicit PbtScheduler(const v1::JobSpec& spec);

  uint32_t FirstGrant(uint32_t) const override { return levels_.front(); }
  bool IsJudgedAt(uint32_t, uint32_t epoch) const override {
    return std::binary_search(levels_.begin(), levels_.end(), epoch);
  }
  bool GrantsByRung() const override { return true; }
  bool Pauses() const override { return true; }
  bool CopiesCheckpoints() const override { return true; }

  void OnCreated(uint32_t trial) override;
  std::optional<std::string> OnJudged(const Judged& judged) override;
  void OnPaused(uint32_t trial) override;
  void OnGranted(uint32_t trial, uint32_t until_epoch) override;
  void OnEnded(uint32_t trial, bool is_completed) override;
  void OnGivenUp(uint32_t trial) override { OnEnded(trial, false); }

  // Nobody knows his place before all have come.
  std::optional<Promotion> PromotesAtOnce(uint32_t, const Outlook&) override {
    return std::nullopt;
  }
  std::optional<Promotion> NextPromotion(const Outlook& outlook) override;
  std::string WhyNotPromoted(uint32_t trial) const override;
  std::vector<v1::RungProgress> Rungs() const override;

 private:
  struct Member {
    std::vector<double> keys;  // by generation: its value there, smaller is better
    uint32_t granted = 0;      // grants that it was given
    bool is_paused = false;
    bool has_ended = false;
  };

  size_t PopulationOf(uint32_t trial) const { return (trial - 1) / population_; }
  Member& MemberOf(uint32_t trial) { return members_[trial - 1]; }
  // The generation that a population's live trials train, or wait at the end of; nullopt when none
  // of them lives.
  std::optional<uint32_t> GenerationOf(size_t population) const;
  // Whether all that live have come to the end of their generation, and no more can be created.
  bool IsDecided(size_t population) const;
  void Settle(size_t population);
  // Trials of the population that belong to a generation, the best first.
  std::vector<uint32_t> Ranked(size_t population, uint32_t generation) const;
  // Whom a trial copies at the end of a generation; 0 if nobody.
  uint32_t DonorOf(const std::vector<uint32_t>& ranked, uint32_t generation, uint32_t trial) const;
  template <typename Visit>
  void ForMembers(size_t population, Visit visit) const;

  const v1::Objective::Direction direction_;
  const uint64_t seed_;
  const uint32_t population_;
  const double quantile_;
  std::vector<uint32_t> levels_;  // ends of the generations; the last is budget.epochs
  std::vector<Member> members_;   // by trial - 1
  bool is_sealed_ = false;        // no more trials can be created
  absl::btree_set<size_t> promoting_;
  std::vector<v1::RungProgress> progress_;
};

PbtScheduler::PbtScheduler(const v1::JobSpec& spec)
    : direction_(spec.objective().direction()),
      seed_(DeriveSeed(spec.seed(), "pbt")),
      population_(static_cast<uint32_t>(spec.scheduler().pbt().population())),
      quantile_(spec.scheduler().pbt().quantile()) {
  const auto interval = static_cast<uint32_t>(spec.scheduler().pbt().interval_epochs());
  const auto epochs = static_cast<uint32_t>(spec.budget().epochs());
  CAVIAR_CHECK(population_ > 0 && interval > 0);
  for (uint32_t level = interval; level < epochs; level += interval) levels_.push_back(level);
  levels_.push_back(epochs);
  for (const uint32_t level : levels_) progress_.emplace_back().set_epochs(level);
}

template <typename Visit>
void PbtScheduler::ForMembers(size_t population, Visit visit) const {
  const size_t begin = population * population_;
  const size_t end = std::min(members_.size(), begin + population_);
  for (size_t i = begin; i < end; ++i) visit(static_cast<uint32_t>(i + 1), members_[i]);
}

void PbtScheduler::OnCreated(uint32_t trial) {
  CAVIAR_CHECK(trial == members_.size() + 1) << "trial " << trial;
  members_.emplace_back();
}

void PbtScheduler::OnGranted(uint32_t trial, uint32_t until_epoch) {
  Member& member = MemberOf(trial);
  CAVIAR_CHECK(member.granted < levels_.size() && levels_[member.granted] == until_epoch)
      << "trial " << trial << " to " << until_epoch;
  ++member.granted;
  member.is_paused = false;
  if (member.granted > 1) {
    v1::RungProgress& from = progress_[member.granted - 2];
    from.set_promoted(from.promoted() + 1);
  }
  Settle(PopulationOf(trial));
}

std::optional<std::string> PbtScheduler::OnJudged(const Judged& judged) {
  Member& member = MemberOf(judged.trial);
  CAVIAR_CHECK(member.keys.size() < levels_.size() && levels_[member.keys.size()] == judged.epochs)
      << "trial " << judged.trial << " at " << judged.epochs << " epochs";
  v1::RungProgress& progress = progress_[member.keys.size()];
  progress.set_trials(progress.trials() + 1);
  member.keys.push_back(KeyOf(direction_, judged.value));
  return std::nullopt;
}

void PbtScheduler::OnPaused(uint32_t trial) {
  MemberOf(trial).is_paused = true;
  Settle(PopulationOf(trial));
}

void PbtScheduler::OnEnded(uint32_t trial, bool) {
  MemberOf(trial).has_ended = true;
  Settle(PopulationOf(trial));
}

std::optional<uint32_t> PbtScheduler::GenerationOf(size_t population) const {
  std::optional<uint32_t> generation;
  ForMembers(population, [&generation](uint32_t, const Member& member) {
    if (member.has_ended || member.granted == 0) return;
    generation = std::min(generation.value_or(member.granted - 1), member.granted - 1);
  });
  return generation;
}

bool PbtScheduler::IsDecided(size_t population) const {
  if (!is_sealed_ && members_.size() < (population + 1) * population_) return false;
  const std::optional<uint32_t> generation = GenerationOf(population);
  if (!generation.has_value() || *generation + 1 >= levels_.size()) return false;
  bool all_are_there = true;
  ForMembers(population, [&](uint32_t, const Member& member) {
    if (member.has_ended || member.granted > *generation + 1) return;
    all_are_there = all_are_there && member.is_paused && member.keys.size() == *generation + 1;
  });
  return all_are_there;
}

void PbtScheduler::Settle(size_t population) {
  if (IsDecided(population)) {
    promoting_.insert(population);
  } else {
    promoting_.erase(population);
  }
}

std::vector<uint32_t> PbtScheduler::Ranked(size_t population, uint32_t generation) const {
  std::vector<std::pair<double, uint32_t>> order;
  ForMembers(population, [&](uint32_t trial, const Member& member) {
    if (member.keys.size() <= generation) return;
    if (member.has_ended && member.granted <= generation + 1) return;
    order.emplace_back(member.keys[generation], trial);
  });
  std::sort(order.begin(), order.end());
  std::vector<uint32_t> ranked;
  ranked.reserve(order.size());
  for (const auto& [key, trial] : order) ranked.push_back(trial);
  return ranked;
}

uint32_t PbtScheduler::DonorOf(const std::vector<uint32_t>& ranked, uint32_t generation,
                               uint32_t trial) const {
  if (ranked.size() < 2) return 0;
  const size_t quantile = std::max<size_t>(
      1, static_cast<size_t>(std::floor(quantile_ * static_cast<double>(ranked.size()))));
  const auto bottom = ranked.end() - static_cast<ptrdiff_t>(quantile);
  if (std::find(bottom, ranked.end(), trial) == ranked.end()) return 0;
  Rng rng(DeriveSeed(DeriveSeed(seed_, generation), trial));
  const uint32_t donor = ranked[rng.UniformInt(static_cast<uint32_t>(quantile))];
  // Where nobody measured anything, nobody is better. And where an extension of the job made a
  // population whole that had gone on without its last trials, its best may be further by now.
  const Member& best = members_[donor - 1];
  const bool is_there = !best.has_ended && best.granted == generation + 1;
  return is_there && std::isfinite(best.keys[generation]) ? donor : 0;
}

std::optional<Promotion> PbtScheduler::NextPromotion(const Outlook& outlook) {
  const bool is_sealed = !outlook.may_create;
  if (is_sealed != is_sealed_) {
    is_sealed_ = is_sealed;
    if (!members_.empty()) Settle((members_.size() - 1) / population_);
  }
  for (const size_t population : promoting_) {
    const uint32_t generation = *GenerationOf(population);
    const uint32_t until = levels_[generation + 1];
    if (until - levels_[generation] > outlook.epochs_left) continue;
    std::optional<Promotion> next;
    for (const std::vector<uint32_t> ranked = Ranked(population, generation);
         const uint32_t trial : ranked) {
      const Member& member = members_[trial - 1];
      if (member.has_ended || member.granted != generation + 1) continue;
      const Promotion promotion{trial, until, DonorOf(ranked, generation, trial)};
      const bool is_first =
          !next.has_value() || (promotion.copy_from > 0) > (next->copy_from > 0) ||
          ((promotion.copy_from > 0) == (next->copy_from > 0) && trial < next->trial);
      if (is_first) next = promotion;
    }
    if (next.has_value()) return next;
  }
  return std::nullopt;
}

std::string PbtScheduler::WhyNotPromoted(uint32_t trial) const {
  const Member& member = members_[trial - 1];
  if (member.keys.empty()) return "pbt: not judged yet";
  const size_t population = PopulationOf(trial);
  const uint32_t level = levels_[member.keys.size() - 1];
  if (IsDecided(population)) {
    return absl::StrCat("pbt: at ", level, " epochs, but the budget's epochs are used up");
  }
  return absl::StrCat("pbt: the others of population ", population + 1, " had not come to ", level,
                      " epochs");
}

std::vector<v1::RungProgress> PbtScheduler::Rungs() const { return progress_; }

}  // namespace

std::unique_ptr<TrialScheduler> MakePbtScheduler(const v1::JobSpec& spec) {
  return std::make_unique<PbtScheduler>(spec);
}

}  // namespace caviar::schedule
