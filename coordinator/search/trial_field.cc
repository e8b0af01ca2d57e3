#include "coordinator/search/trial_field.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/strip.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;
using Kind = TrialField::Kind;

const std::vector<std::pair<std::string, Kind>>& OwnFields() {
  static const auto* const kFields = new std::vector<std::pair<std::string, Kind>>{
      {"trial", Kind::kNumber},    {"number", Kind::kNumber}, {"state", Kind::kState},
      {"value", Kind::kValue},     {"epochs", Kind::kEpochs}, {"best_epoch", Kind::kBestEpoch},
      {"seconds", Kind::kSeconds}, {"worker", Kind::kWorker}, {"attempt", Kind::kAttempt},
      {"reason", Kind::kReason}};
  return *kFields;
}

const std::vector<std::string>& MetricNames() {
  static const auto* const kNames = new std::vector<std::string>{
      "train_loss",          "train_accuracy", "validation_loss", "validation_accuracy",
      "validation_macro_f1", "learning_rate",  "seconds",         "test_loss",
      "test_accuracy"};
  return *kNames;
}

std::optional<TrialField> FindParameter(absl::string_view name, const v1::JobSpec& spec) {
  TrialField field{Kind::kPoint, std::string(name), {}};
  const auto fixed = spec.fixed().fields().find(field.name);
  if (fixed != spec.fixed().fields().end()) {
    field.fixed = fixed->second;
    return field;
  }
  if (spec.space().contains(field.name)) return field;
  return std::nullopt;
}

std::optional<TrialField> FindMetric(absl::string_view name) {
  const std::vector<std::string>& names = MetricNames();
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  return TrialField{Kind::kMetric, std::string(name), {}};
}

Value Number(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

Value Word(const std::string& word) {
  Value value;
  value.set_string_value(word);
  return value;
}

}  // namespace

std::optional<TrialField> FindTrialField(absl::string_view name, const v1::JobSpec& spec) {
  for (const auto& [own, kind] : OwnFields()) {
    if (name == own) return TrialField{kind, "", {}};
  }
  if (absl::ConsumePrefix(&name, "point.")) return FindParameter(name, spec);
  if (absl::ConsumePrefix(&name, "metrics.")) return FindMetric(name);
  std::optional<TrialField> parameter = FindParameter(name, spec);
  return parameter.has_value() ? parameter : FindMetric(name);
}

std::vector<std::string> TrialFieldNames(const v1::JobSpec& spec) {
  std::vector<std::string> names = MetricNames();
  for (const auto& [own, kind] : OwnFields()) names.push_back(own);
  for (const auto& [name, domain] : spec.space()) names.push_back(name);
  for (const auto& [name, value] : spec.fixed().fields()) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<Value> ReadTrialField(const TrialField& field, const v1::TrialRecord& trial) {
  switch (field.kind) {
    case Kind::kNumber:
      return Number(trial.number());
    case Kind::kState:
      return Word(v1::Trial::State_Name(trial.state()));
    case Kind::kValue:
      if (!trial.has_value() || std::isnan(trial.value())) return std::nullopt;
      return Number(trial.value());
    case Kind::kBestEpoch:
      if (!trial.has_value()) return std::nullopt;
      return Number(trial.best_epoch());
    case Kind::kEpochs:
      return Number(trial.epochs_high());
    case Kind::kSeconds:
      return Number(trial.seconds());
    case Kind::kWorker:
      if (trial.worker_name().empty()) return std::nullopt;
      return Word(trial.worker_name());
    case Kind::kAttempt:
      return Number(trial.attempt());
    case Kind::kReason:
      if (trial.reason().empty()) return std::nullopt;
      return Word(trial.reason());
    case Kind::kMetric: {
      if (!trial.has_value()) return std::nullopt;  // of no best epoch
      const auto metric = trial.metrics().find(field.name);
      // NaN has no place in an order.
      if (metric == trial.metrics().end() || std::isnan(metric->second)) return std::nullopt;
      return Number(metric->second);
    }
    case Kind::kPoint: {
      const auto value = trial.point().fields().find(field.name);
      if (value != trial.point().fields().end()) return value->second;
      if (field.fixed.kind_case() == Value::KIND_NOT_SET) return std::nullopt;
      return field.fixed;
    }
  }
  return std::nullopt;
}

}  // namespace caviar::search
