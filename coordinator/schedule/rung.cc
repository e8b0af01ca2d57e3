#include "coordinator/schedule/rung.h"

#include <cmath>
#include <iterator>

#include "common/status/check.h"

namespace caviar::schedule {

// Into the sets that the member's status and place ask for.
void Rung::Place(const Entry& entry, bool is_in_top) {
  Member& member = members_.at(entry.trial);
  member.is_in_top = is_in_top;
  (is_in_top ? top_ : rest_).insert(entry);
  if (member.status == Status::kWaiting) (is_in_top ? waiting_top_ : waiting_rest_).insert(entry);
  if (is_in_top && member.status != Status::kGone) ++undecided_;
}

void Rung::Displace(const Entry& entry) {
  const Member& member = members_.at(entry.trial);
  (member.is_in_top ? top_ : rest_).erase(entry);
  if (member.status == Status::kWaiting) {
    (member.is_in_top ? waiting_top_ : waiting_rest_).erase(entry);
  }
  if (member.is_in_top && member.status != Status::kGone) --undecided_;
}

void Rung::Insert(uint32_t trial, double key) {
  CAVIAR_CHECK(!std::isnan(key)) << "trial " << trial;
  const bool is_new = members_.try_emplace(trial, Member{.key = key}).second;
  CAVIAR_CHECK(is_new) << "trial " << trial << " came to a rung twice";
  const Entry entry{key, trial};
  Place(entry, !top_.empty() && entry < *top_.rbegin());
  SetTop(wanted_);
}

void Rung::SetStatus(uint32_t trial, Status status) {
  Member& member = members_.at(trial);
  if (member.status == Status::kGone || member.status == status) return;
  const Entry entry{member.key, trial};
  const bool is_in_top = member.is_in_top;
  Displace(entry);
  member.status = status;
  Place(entry, is_in_top);
}

void Rung::SetTop(size_t wanted) {
  wanted_ = wanted;
  while (top_.size() > wanted) {
    const Entry worst = *top_.rbegin();
    Displace(worst);
    Place(worst, false);
  }
  while (top_.size() < wanted && !rest_.empty()) {
    const Entry best = *rest_.begin();
    Displace(best);
    Place(best, true);
  }
}

bool Rung::IsInTop(uint32_t trial) const {
  const auto member = members_.find(trial);
  return member != members_.end() && member->second.is_in_top;
}

std::optional<uint32_t> Rung::BestOfTop() const {
  if (waiting_top_.empty()) return std::nullopt;
  return waiting_top_.begin()->trial;
}

std::optional<uint32_t> Rung::BestWaiting() const {
  if (!waiting_top_.empty()) return waiting_top_.begin()->trial;
  if (waiting_rest_.empty()) return std::nullopt;
  return waiting_rest_.begin()->trial;
}

}  // namespace caviar::schedule
