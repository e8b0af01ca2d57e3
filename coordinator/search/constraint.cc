#include "coordinator/search/constraint.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hyperparameters/edit_distance.h"
#include "common/status/status_macros.h"
#include "coordinator/search/inequality.h"

namespace caviar::search {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// Of the terms' sizes: far above what adding a few numbers rounds off, far below what anyone means.
constexpr double kConstraintRounding = 1e-12;
// What a strict one is broken by where both sides are equal.
constexpr double kLeastExcess = 1e-12;

const Parameter* FindByName(std::span<const Parameter> parameters, absl::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [name](const Parameter& parameter) { return parameter.name() == name; });
  return found == parameters.end() ? nullptr : &*found;
}

bool IsNumeric(const Parameter& parameter) {
  return std::all_of(parameter.values().begin(), parameter.values().end(),
                     [](const Value& value) { return value.has_number_value(); });
}

// The distance between a parameter's least and largest value.
double SpanOf(const Parameter& parameter) {
  if (parameter.values().empty()) {
    return parameter.AtUnit(1).number_value() - parameter.AtUnit(0).number_value();
  }
  const auto [least, largest] = std::minmax_element(
      parameter.values().begin(), parameter.values().end(),
      [](const Value& a, const Value& b) { return a.number_value() < b.number_value(); });
  return largest->number_value() - least->number_value();
}

absl::Status UnknownName(absl::string_view name, std::span<const Parameter> parameters,
                         const Struct& fixed) {
  std::vector<std::string> known;
  for (const Parameter& parameter : parameters) known.push_back(parameter.name());
  for (const auto& [fixed_name, value] : fixed.fields()) known.push_back(fixed_name);
  std::sort(known.begin(), known.end());  // a map has no order
  const std::string nearest = NearestName(name, known);
  return absl::InvalidArgumentError(absl::StrCat(
      name, " is neither in space nor in fixed",
      nearest.empty() ? std::string() : absl::StrCat("; did you mean ", nearest, "?")));
}

}  // namespace

absl::StatusOr<Constraint> Constraint::Create(absl::string_view text,
                                              std::span<const Parameter> parameters,
                                              const Struct& fixed) {
  CAVIAR_ASSIGN_OR_RETURN(const Inequality inequality, ParseInequality(text));
  Constraint constraint;
  constraint.text_ = std::string(text);
  constraint.bound_ = inequality.bound;
  constraint.is_strict_ = inequality.is_strict;
  constraint.scale_ = 0;
  for (const auto& [name, factor] : inequality.factors) {
    const Parameter* const parameter = FindByName(parameters, name);
    const auto known = fixed.fields().find(name);
    if (parameter == nullptr && known == fixed.fields().end()) {
      return UnknownName(name, parameters, fixed);
    }
    if (parameter != nullptr ? !IsNumeric(*parameter) : !known->second.has_number_value()) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is no number"));
    }
    if (factor == 0) continue;
    if (parameter == nullptr) {
      constraint.bound_ -= factor * known->second.number_value();
      continue;
    }
    constraint.terms_.push_back({static_cast<int>(parameter - parameters.data()), name, factor});
    constraint.scale_ += std::abs(factor) * SpanOf(*parameter);
  }
  if (constraint.terms_.empty()) {
    return absl::InvalidArgumentError(
        "compares nothing that is searched; it must name a hyperparameter of space");
  }
  if (!(constraint.scale_ > 0)) constraint.scale_ = 1;
  return constraint;
}

double Constraint::Excess(const Struct& point) const {
  double sum = 0;
  double sizes = std::abs(bound_);
  for (const Term& term : terms_) {
    const auto value = point.fields().find(term.name);
    if (value == point.fields().end()) return 0;  // it does not bind here
    sum += term.factor * value->second.number_value();
    sizes += std::abs(term.factor * value->second.number_value());
  }
  const double rounding = kConstraintRounding * sizes;
  const double excess = sum - bound_;
  if (is_strict_) return excess < -rounding ? 0 : std::max(excess, kLeastExcess);
  return excess <= rounding ? 0 : excess;
}

bool Constraint::Allows(const Struct& point) const { return Excess(point) == 0; }

double Constraint::Violation(const Struct& point) const {
  const double excess = Excess(point);
  return excess == 0 ? 0 : std::max(excess / scale_, kLeastExcess);
}

}  // namespace caviar::search
