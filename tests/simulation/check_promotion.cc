#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "tests/simulation/checker.h"

namespace caviar::simulation {

// Algorithm 2 of Li et al. 2020, by counting. Nothing else happened in the step of the promotion.
void Checker::CheckPromotion(const v1::JobRecord& job, const v1::TrialRecord& trial) {
  if (!job.spec().scheduler().has_asha()) return;
  const v1::AshaScheduler& asha = job.spec().scheduler().asha();
  const v1::Objective::Direction direction = job.spec().objective().direction();
  const int rung = trial.grants_size() - 2;
  const auto key = [&](const v1::Judgement& judgement) {
    if (!judgement.has_value()) return HUGE_VAL;
    return direction == v1::Objective::MINIMIZE ? judgement.value() : -judgement.value();
  };
  size_t there = 0, better = 0;
  bool is_alone = true, has_finished = false;
  for (auto entry = latest_.trials.lower_bound({trial.job(), 0});
       entry != latest_.trials.end() && entry->first.first == trial.job(); ++entry) {
    const v1::TrialRecord& other = entry->second;
    const bool is_live = engine::IsLive(other.state());
    if (is_live && other.state() != v1::Trial::PAUSED && other.number() != trial.number()) {
      is_alone = false;
    }
    has_finished = has_finished || (other.judgements_size() > 0 &&
                                    other.judgements().rbegin()->epochs() ==
                                        static_cast<uint32_t>(job.spec().budget().epochs()));
    if (other.judgements_size() <= rung) continue;
    ++there;
    const double mine = key(trial.judgements(rung)), theirs = key(other.judgements(rung));
    if (theirs < mine || (theirs == mine && other.number() < trial.number())) ++better;
  }
  size_t top = there / static_cast<size_t>(asha.reduction_factor());
  if (asha.stopping()) top = std::max<size_t>(top, 1);
  if (better < top) return;
  if (is_alone && !has_finished) {
    ++reached_["last chance"];
    return;
  }
  Fail(absl::StrCat("trial ", trial.job(), "/", trial.number(), " was promoted from rung ", rung,
                    " as ", better + 1, ". of ", there));
}

}  // namespace caviar::simulation
