#include "coordinator/engine/adjustments.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/hyperparameters/hyperparameters.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/trial_checkpoints.h"
#include "coordinator/search/parameter.h"

namespace caviar::engine {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

void Merge(const Struct& set, Struct& values) {
  for (const auto& [name, value] : set.fields()) (*values.mutable_fields())[name] = value;
}

// A hyperparameter that no job and no point names has its default.
Value ValueOf(const Struct& values, const std::string& name) {
  const auto found = values.fields().find(name);
  if (found != values.fields().end()) return found->second;
  const std::optional<Hyperparameter> hyperparameter = FindHyperparameter(name);
  return hyperparameter.has_value() ? DefaultValue(*hyperparameter) : Value();
}

}  // namespace

std::vector<const v1::Adjustment*> InForce(const v1::TrialRecord& record) {
  std::vector<const v1::Adjustment*> in_force;
  for (const v1::Adjustment& adjustment : record.adjustments()) {
    if (adjustment.rolled_back_from() > 0) {
      std::erase_if(in_force, [&adjustment](const v1::Adjustment* earlier) {
        return earlier->after_epoch() >= adjustment.after_epoch();
      });
    }
    in_force.push_back(&adjustment);
  }
  return in_force;
}

uint32_t NextAdjustmentEpoch(const v1::TrialRecord& record) {
  const std::vector<const v1::Adjustment*> in_force = InForce(record);
  return std::max(record.epochs_high(), in_force.empty() ? 0 : in_force.back()->after_epoch());
}

Struct PointAfter(const v1::TrialRecord& record, uint32_t epoch) {
  Struct point = record.point();
  for (const v1::Adjustment* const adjustment : InForce(record)) {
    if (adjustment->after_epoch() > epoch) break;
    // A copy takes the whole point of another trial, and nothing stays of its own.
    if (adjustment->copied_from() > 0) point.clear_fields();
    Merge(adjustment->set(), point);
  }
  return point;
}

Struct ValuesAfter(const v1::JobSpec& spec, const v1::TrialRecord& record, uint32_t epoch) {
  Struct values = spec.fixed();
  Merge(PointAfter(record, epoch), values);
  return values;
}

std::vector<v1::Change> ChangesLaterThan(const v1::TrialRecord& record, uint32_t epoch) {
  std::vector<v1::Change> changes;
  for (const v1::Adjustment* const adjustment : InForce(record)) {
    if (adjustment->after_epoch() <= epoch || adjustment->set().fields().empty()) continue;
    v1::Change& change = changes.emplace_back();
    change.set_after_epoch(adjustment->after_epoch());
    *change.mutable_set() = adjustment->set();
  }
  return changes;
}

Struct WhatChanges(const Struct& values, const Struct& set) {
  Struct changes;
  for (const auto& [name, value] : set.fields()) {
    if (search::SameValue(ValueOf(values, name), value)) continue;
    (*changes.mutable_fields())[name] = value;
  }
  return changes;
}

Struct WhatIsReplaced(const Struct& values, const Struct& set) {
  Struct replaced;
  for (const auto& [name, value] : set.fields()) {
    (*replaced.mutable_fields())[name] = ValueOf(values, name);
  }
  return replaced;
}

std::string NamesIn(const Struct& set) {
  std::set<std::string> names;  // a map of Protobuf's has no order of its own
  for (const auto& [name, value] : set.fields()) names.insert(name);
  return absl::StrJoin(names, ", ");
}

void TakeUpAdjustment(EngineState& state, const v1::JobSpec& spec, v1::TrialRecord& record) {
  if (!record.has_next_adjustment()) return;
  v1::Adjustment adjustment = std::move(*record.mutable_next_adjustment());
  record.clear_next_adjustment();
  const uint32_t epoch = NextAdjustmentEpoch(record);
  adjustment.set_after_epoch(epoch);
  *adjustment.mutable_replaced() =
      WhatIsReplaced(ValuesAfter(spec, record, epoch), adjustment.set());
  KeepCheckpoint(state, record);
  *record.add_adjustments() = std::move(adjustment);
}

}  // namespace caviar::engine
