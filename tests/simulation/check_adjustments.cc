#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/fake_trainer.h"

namespace caviar::simulation {
namespace {

// The newest of the changes before the epoch that no later rollback went back past.
double DropoutInForce(const v1::TrialRecord& record, uint32_t epoch) {
  const auto own = record.point().fields().find("dropout");
  double dropout = own == record.point().fields().end() ? 0 : own->second.number_value();
  for (int i = 0; i < record.adjustments_size(); ++i) {
    const v1::Adjustment& adjustment = record.adjustments(i);
    const auto set = adjustment.set().fields().find("dropout");
    if (adjustment.after_epoch() >= epoch || set == adjustment.set().fields().end()) continue;
    const bool is_undone = std::any_of(
        record.adjustments().begin() + i + 1, record.adjustments().end(), [&](const auto& later) {
          return later.rolled_back_from() > 0 && later.after_epoch() <= adjustment.after_epoch();
        });
    if (!is_undone) dropout = set->second.number_value();
  }
  return dropout;
}

// The newest copy before what was trained up to `epoch`; null if there was none.
const v1::Adjustment* NewestCopy(const v1::TrialRecord& record, uint32_t epoch) {
  const v1::Adjustment* newest = nullptr;
  for (const v1::Adjustment& adjustment : record.adjustments()) {
    if (adjustment.copied_from() > 0 && adjustment.after_epoch() < epoch) newest = &adjustment;
  }
  return newest;
}

}  // namespace

uint64_t Checker::HistoryAt(const v1::TrialRecord& record, uint32_t epoch) const {
  uint64_t history = 0;
  uint32_t from = 0;
  if (const v1::Adjustment* const copy = NewestCopy(record, epoch)) {
    from = copy->after_epoch();
    history = HistoryAt(latest_.trials.at({record.job(), copy->copied_from()}), from);
  }
  for (uint32_t e = from + 1; e <= epoch; ++e) {
    history = ExtendHistory(history, DropoutInForce(record, e));
  }
  return history;
}

uint64_t Checker::SeedAt(const v1::TrialRecord& record, uint64_t job_seed, uint32_t epoch) const {
  return LearningSeed(DeriveSeed(job_seed, record.number()), HistoryAt(record, epoch));
}

std::pair<std::optional<double>, uint32_t> Checker::BestAt(const v1::Objective& objective,
                                                           const v1::TrialRecord& record,
                                                           uint32_t epoch) const {
  std::pair<std::optional<double>, uint32_t> best = {std::nullopt, 0};
  uint32_t from = 0;
  if (const v1::Adjustment* const copy = NewestCopy(record, epoch)) {
    from = copy->after_epoch();
    best = BestAt(objective, latest_.trials.at({record.job(), copy->copied_from()}), from);
  }
  const auto curve = latest_.curves.find({record.job(), record.number()});
  if (curve == latest_.curves.end()) return best;
  for (auto row = curve->second.upper_bound(from);
       row != curve->second.end() && row->first <= epoch; ++row) {
    for (int i = 0; i < row->second.metrics_size(); ++i) {
      const double value = row->second.values(i);
      if (row->second.metrics(i) != objective.metric() || !std::isfinite(value)) continue;
      if (best.first.has_value() && !engine::IsBetter(objective.direction(), value, *best.first)) {
        continue;
      }
      best = {value, row->first};
    }
  }
  return best;
}

void Checker::CheckAdjusted(const v1::TrialRecord& before, const v1::TrialRecord& after) {
  const int old = before.adjustments_size();
  bool is_same = old <= after.adjustments_size();
  for (int i = 0; i < old && is_same; ++i) {
    is_same = google::protobuf::util::MessageDifferencer::Equals(before.adjustments(i),
                                                                 after.adjustments(i));
  }
  if (!is_same) return Fail(absl::StrCat(Name(after), ": a change is not on record any more"));
  bool is_rolled_back = false;
  for (int i = old; i < after.adjustments_size(); ++i) {
    const v1::Adjustment& adjustment = after.adjustments(i);
    if (adjustment.rolled_back_from() > 0) {
      is_rolled_back = true;
      ++reached_["rolled back"];
      const uint32_t to = adjustment.after_epoch();
      uint32_t start = before.checkpoint_epoch() <= to ? before.checkpoint_epoch() : 0;
      for (const v1::KeptCheckpoint& kept : before.kept_checkpoints()) {
        if (kept.progress().epochs() <= to) start = std::max(start, kept.progress().epochs());
      }
      if (start < before.checkpoint_epoch()) ++reached_["rolled back past its checkpoint"];
      if (after.epochs_high() != start) {
        Fail(absl::StrCat(Name(after), " was rolled back to ", to, " and starts at ",
                          after.epochs_high(), " instead of ", start));
      }
      continue;
    }
    if (adjustment.copied_from() > 0) {
      ++reached_["copied"];
      continue;
    }
    ++reached_["adjusted"];
    if (adjustment.after_epoch() > after.checkpoint_epoch()) ++reached_["adjusted after a loss"];
    if (adjustment.after_epoch() < before.epochs_high() && !is_rolled_back) {
      Fail(absl::StrCat(Name(after), ": a change after epoch ", adjustment.after_epoch(), " where ",
                        before.epochs_high(), " were trained already"));
    }
  }
  if (after.epochs_high() < before.epochs_high() && !is_rolled_back) {
    Fail(absl::StrCat(Name(after), ": its curve went back to ", after.epochs_high()));
  }
  if (before.has_next_adjustment() && !engine::IsLive(after.state())) {
    ++reached_["ended before its change"];
  }
  if (after.is_held() && after.state() == v1::Trial::PAUSED) ++reached_["held trial"];
  if (after.is_held() && after.state() != v1::Trial::PAUSED &&
      after.state() != v1::Trial::RUNNING) {
    Fail(absl::StrCat(Name(after), " is held, and ", v1::Trial::State_Name(after.state())));
  }
  if (before.is_held() && after.reason() == "paused at the job's end") {
    Fail(absl::StrCat(Name(after), " was held, and its job ended without it"));
  }
}

}  // namespace caviar::simulation
