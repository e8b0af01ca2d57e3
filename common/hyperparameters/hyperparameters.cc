#include "common/hyperparameters/hyperparameters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/hyperparameters/edit_distance.h"
#include "common/status/check.h"
#include "common/text/number_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace caviar {
namespace {

using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Value;
using Kind = Hyperparameter::Kind;

constexpr absl::string_view kLayerPrefix = "hidden_units_";
// The bound of hidden_layers: a hidden_units_n beyond it could never matter.
constexpr int kLayersMax = 64;

Kind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Kind::kReal;
    case FieldDescriptor::CPPTYPE_INT32:
      return Kind::kInteger;
    case FieldDescriptor::CPPTYPE_BOOL:
      return Kind::kBoolean;
    default:
      CAVIAR_CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) << field.full_name();
      return Kind::kWord;
  }
}

Hyperparameter Describe(const FieldDescriptor& field) {
  Hyperparameter described;
  described.name = field.name();
  described.kind = KindOf(field);
  described.range = field.options().GetExtension(v1::hyperparameter);
  if (described.kind == Kind::kWord) {
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      const EnumValueDescriptor& word = *field.enum_type()->value(i);
      if (word.number() != 0) described.words.push_back(absl::AsciiStrToLower(word.name()));
    }
  }
  return described;
}

absl::Status CheckNumber(const Hyperparameter& hyperparameter, double number) {
  const v1::HyperparameterRange& range = hyperparameter.range;
  const bool whole = hyperparameter.kind != Kind::kInteger || number == std::floor(number);
  const bool inside = number >= range.min() && number <= range.max() &&
                      !(range.exclude_min() && number == range.min()) &&
                      !(range.exclude_max() && number == range.max());
  if (whole && inside) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("must be a ", AllowedValues(hyperparameter), ", got ", NumberText(number)));
}

std::string Shown(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return NumberText(value.number_value());
    case Value::kStringValue:
      return absl::StrCat("\"", value.string_value(), "\"");
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kListValue:
      return "a list";
    case Value::kStructValue:
      return "a map";
    default:
      return "nothing";
  }
}

// Requires: the value was checked.
void SetField(const FieldDescriptor& field, const Value& value, v1::Hyperparameters& message) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(&message, &field, value.number_value());
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, &field, static_cast<int32_t>(value.number_value()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, &field, value.bool_value());
    default:
      return reflection->SetEnum(
          &message, &field,
          field.enum_type()->FindValueByName(absl::AsciiStrToUpper(value.string_value())));
  }
}

std::string NoSuchHyperparameter(absl::string_view name) {
  const std::string nearest = NearestHyperparameterName(name);
  return absl::StrCat(name, ": no such hyperparameter",
                      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
}

absl::Status AllOf(std::vector<std::string> problems) {
  if (problems.empty()) return absl::OkStatus();
  std::sort(problems.begin(), problems.end());  // a map has no order of its own
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

std::string AdjustableNames() {
  std::vector<absl::string_view> names;
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    if (hyperparameter.range.adjustable()) names.push_back(hyperparameter.name);
  }
  return absl::StrJoin(names, ", ");
}

// The trainer computes in single precision, in which 0.9999999999 is 1 and 1e-40 is 0.
absl::Status CheckSinglePrecision(const Hyperparameter& hyperparameter, const Value& value) {
  const v1::HyperparameterRange& range = hyperparameter.range;
  if (hyperparameter.kind != Kind::kReal) return absl::OkStatus();
  const auto single = static_cast<float>(value.number_value());
  const bool is_at_end = (range.exclude_max() && single >= static_cast<float>(range.max())) ||
                         (range.exclude_min() && single - static_cast<float>(range.min()) <
                                                     std::numeric_limits<float>::min());
  if (!is_at_end) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("must be a ", AllowedValues(hyperparameter),
                                                 " in single precision, got ",
                                                 NumberText(value.number_value())));
}

v1::Hyperparameters Defaults() {
  v1::Hyperparameters defaults;
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    SetField(*v1::Hyperparameters::descriptor()->FindFieldByName(hyperparameter.name),
             DefaultValue(hyperparameter), defaults);
  }
  return defaults;
}

}  // namespace

Value DefaultValue(const Hyperparameter& hyperparameter) {
  const std::string& text = hyperparameter.range.default_value();
  Value value;
  if (hyperparameter.kind == Kind::kBoolean) {
    value.set_bool_value(text == "true");
  } else if (hyperparameter.kind == Kind::kWord) {
    value.set_string_value(text);
  } else {
    double number = 0;
    CAVIAR_CHECK(absl::SimpleAtod(text, &number)) << hyperparameter.name;
    value.set_number_value(number);
  }
  return value;
}

const std::vector<Hyperparameter>& AllHyperparameters() {
  static const auto* const all = [] {
    auto* list = new std::vector<Hyperparameter>;
    const auto& descriptor = *v1::Hyperparameters::descriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      if (!descriptor.field(i)->is_map()) list->push_back(Describe(*descriptor.field(i)));
    }
    return list;
  }();
  return *all;
}

std::optional<Hyperparameter> FindHyperparameter(absl::string_view name) {
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    if (hyperparameter.name == name) return hyperparameter;
  }
  if (!absl::StartsWith(name, kLayerPrefix)) return std::nullopt;
  const absl::string_view digits = name.substr(kLayerPrefix.size());
  int layer = 0;
  if (!absl::SimpleAtoi(digits, &layer) || layer < 1 || layer > kLayersMax ||
      absl::StrCat(layer) != digits) {
    return std::nullopt;
  }
  Hyperparameter found = *FindHyperparameter("hidden_units");
  found.name = std::string(name);
  found.layer = layer;
  found.range.set_meaning(absl::StrCat("Units of hidden layer ", layer, "."));
  return found;
}

std::string NearestHyperparameterName(absl::string_view name) {
  std::vector<std::string> names;
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    names.push_back(hyperparameter.name);
  }
  return NearestName(name, names);
}

std::string AllowedValues(const Hyperparameter& hyperparameter) {
  const v1::HyperparameterRange& range = hyperparameter.range;
  switch (hyperparameter.kind) {
    case Kind::kBoolean:
      return "true or false";
    case Kind::kWord:
      return absl::StrCat("word: one of ", absl::StrJoin(hyperparameter.words, ", "));
    default:
      return absl::StrCat(hyperparameter.kind == Kind::kInteger ? "whole number in " : "number in ",
                          range.exclude_min() ? "(" : "[", NumberText(range.min()), ", ",
                          NumberText(range.max()), range.exclude_max() ? ")" : "]");
  }
}

absl::Status CheckHyperparameterValue(const Hyperparameter& hyperparameter, const Value& value) {
  const bool is_number = value.kind_case() == Value::kNumberValue;
  const std::vector<std::string>& words = hyperparameter.words;
  switch (hyperparameter.kind) {
    case Kind::kBoolean:
      if (value.kind_case() == Value::kBoolValue) return absl::OkStatus();
      break;
    case Kind::kWord:
      if (std::count(words.begin(), words.end(), value.string_value()) == 1) {
        return absl::OkStatus();
      }
      break;
    default:
      if (is_number) return CheckNumber(hyperparameter, value.number_value());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", hyperparameter.kind == Kind::kBoolean ? "" : "a ",
                   AllowedValues(hyperparameter), ", got ", Shown(value)));
}

absl::Status CheckAdjustment(const google::protobuf::Struct& set) {
  std::vector<std::string> problems;
  for (const auto& [name, value] : set.fields()) {
    const std::optional<Hyperparameter> hyperparameter = FindHyperparameter(name);
    if (!hyperparameter.has_value()) {
      problems.push_back(NoSuchHyperparameter(name));
      continue;
    }
    if (!hyperparameter->range.adjustable()) {
      problems.push_back(absl::StrCat(
          name, ": cannot change while a trial trains; what can: ", AdjustableNames()));
      continue;
    }
    absl::Status checked = CheckHyperparameterValue(*hyperparameter, value);
    if (checked.ok()) checked = CheckSinglePrecision(*hyperparameter, value);
    if (!checked.ok()) problems.push_back(absl::StrCat(name, ": ", checked.message()));
  }
  return AllOf(std::move(problems));
}

absl::StatusOr<v1::Hyperparameters> HyperparametersFromPoint(
    const google::protobuf::Struct& point) {
  v1::Hyperparameters result = Defaults();
  std::vector<std::string> problems;
  for (const auto& [name, value] : point.fields()) {
    const std::optional<Hyperparameter> hyperparameter = FindHyperparameter(name);
    if (!hyperparameter.has_value()) {
      problems.push_back(NoSuchHyperparameter(name));
      continue;
    }
    const absl::Status checked = CheckHyperparameterValue(*hyperparameter, value);
    if (!checked.ok()) {
      problems.push_back(absl::StrCat(name, ": ", checked.message()));
    } else if (hyperparameter->layer > 0) {
      (*result.mutable_hidden_units_of_layer())[hyperparameter->layer] =
          static_cast<int32_t>(value.number_value());
    } else {
      SetField(*v1::Hyperparameters::descriptor()->FindFieldByName(name), value, result);
    }
  }
  const absl::Status status = AllOf(std::move(problems));
  if (!status.ok()) return status;
  return result;
}

}  // namespace caviar
