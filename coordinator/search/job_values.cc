#include "coordinator/search/job_values.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/hyperparameters/hyperparameters.h"
#include "common/status/check.h"
#include "coordinator/search/parameter.h"

namespace caviar::search {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Value;

bool IsDefault(absl::string_view name, const Value& value) {
  const std::optional<Hyperparameter> hyperparameter = FindHyperparameter(name);
  if (!hyperparameter.has_value()) return false;
  const std::string& text = hyperparameter->range.default_value();
  double number = 0;
  if (value.has_number_value() && absl::SimpleAtod(text, &number)) {
    return value.number_value() == number;
  }
  return ValueText(value) == text;
}

bool Lists(const ListValue& list, const Value& value) {
  return std::any_of(list.values().begin(), list.values().end(),
                     [&value](const Value& listed) { return SameValue(listed, value); });
}

NumberRange NumbersOfList(const ListValue& list) {
  NumberRange range = {std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity()};
  for (const Value& value : list.values()) {
    range.min = std::min(range.min, value.number_value());
    range.max = std::max(range.max, value.number_value());
  }
  return range;
}

}  // namespace

std::string PathOf(const v1::JobSpec& spec, absl::string_view name) {
  std::string key(name);
  if (spec.fixed().fields().contains(key)) return absl::StrCat("fixed.", name);
  if (spec.space().contains(key)) return absl::StrCat("space.", name);
  return key;
}

bool CanBe(const v1::JobSpec& spec, absl::string_view name, const Value& value,
           absl::string_view reader) {
  const auto fixed = spec.fixed().fields().find(std::string(name));
  if (fixed != spec.fixed().fields().end()) return SameValue(fixed->second, value);

  const auto reading = spec.space().find(std::string(reader));
  if (reading != spec.space().end()) {
    const auto when = reading->second.when().find(std::string(name));
    if (when != reading->second.when().end() && !Lists(when->second, value)) return false;
  }

  const auto domain = spec.space().find(std::string(name));
  if (domain == spec.space().end()) return IsDefault(name, value);
  const absl::StatusOr<Parameter> parameter = Parameter::Create(name, domain->second);
  CAVIAR_CHECK(parameter.ok()) << parameter.status().ToString();
  // Where its own condition does not hold, it has the default.
  return parameter->Contains(value) || (!domain->second.when().empty() && IsDefault(name, value));
}

bool CanBeWord(const v1::JobSpec& spec, absl::string_view name, absl::string_view word,
               absl::string_view reader) {
  Value value;
  if (word == "true" || word == "false") {
    value.set_bool_value(word == "true");
  } else {
    value.set_string_value(std::string(word));
  }
  return CanBe(spec, name, value, reader);
}

NumberRange NumbersOf(const v1::JobSpec& spec, absl::string_view name) {
  const auto fixed = spec.fixed().fields().find(std::string(name));
  if (fixed != spec.fixed().fields().end()) {
    return {fixed->second.number_value(), fixed->second.number_value()};
  }
  const auto domain = spec.space().find(std::string(name));
  NumberRange range;
  if (domain != spec.space().end()) {
    range = NumbersOf(domain->second);
    if (domain->second.when().empty()) return range;
  }
  const std::optional<Hyperparameter> hyperparameter = FindHyperparameter(name);
  CAVIAR_CHECK(hyperparameter.has_value()) << name;
  double number = 0;
  CAVIAR_CHECK(absl::SimpleAtod(hyperparameter->range.default_value(), &number)) << name;
  if (domain == spec.space().end()) return {number, number};
  return {std::min(range.min, number), std::max(range.max, number)};
}

NumberRange NumbersOf(const v1::Domain& domain) {
  switch (domain.kind_case()) {
    case v1::Domain::kUniform:
      return {domain.uniform().min(), domain.uniform().max()};
    case v1::Domain::kLog:
      return {domain.log().min(), domain.log().max()};
    case v1::Domain::kLogComplement:
      return {domain.log_complement().min(), domain.log_complement().max()};
    case v1::Domain::kReverseLog:
      return {domain.reverse_log().min(), domain.reverse_log().max()};
    case v1::Domain::kInt:
      return {double(domain.int_().min()), double(domain.int_().max())};
    case v1::Domain::kIntLog:
      return {double(domain.int_log().min()), double(domain.int_log().max())};
    case v1::Domain::kValues:
      return NumbersOfList(domain.values());
    case v1::Domain::kChoice:
      return NumbersOfList(domain.choice());
    case v1::Domain::KIND_NOT_SET:
      break;
  }
  return {};
}

}  // namespace caviar::search
