#include "coordinator/search/parameter.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/text/number_text.h"
#include "coordinator/search/job_limits.h"
#include "coordinator/search/problems.h"

namespace caviar::search {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Value;

Value NumberValue(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

bool IsScalar(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return std::isfinite(value.number_value());
    case Value::kStringValue:
    case Value::kBoolValue:
      return true;
    default:
      return false;
  }
}

template <typename RangeType>
void CheckOrder(absl::string_view path, const RangeType& range, Problems& problems) {
  if (range.min() > range.max()) {
    problems.Add(absl::StrCat(path, ".min"),
                 absl::StrCat("must not exceed max (", NumberText(range.min()), " > ",
                              NumberText(range.max()), ")"));
  }
}

void CheckReal(absl::string_view path, const v1::Range& range, bool positive, bool below_one,
               Problems& problems) {
  if (!std::isfinite(range.min()) || !std::isfinite(range.max())) {
    problems.Add(path, "both ends must be finite numbers");
    return;
  }
  if (positive && range.min() <= 0) problems.Add(absl::StrCat(path, ".min"), "must be > 0");
  if (below_one && range.max() >= 1) problems.Add(absl::StrCat(path, ".max"), "must be < 1");
  CheckOrder(path, range, problems);
}

void CheckList(absl::string_view path, const ListValue& list, bool numbers_only,
               Problems& problems) {
  if (list.values_size() == 0) problems.Add(path, "must list at least one value");
  if (list.values_size() > kListValuesMax) {
    problems.Add(path, absl::StrCat("must list at most ", kListValuesMax, " values"));
    return;
  }
  for (int i = 0; i < list.values_size(); ++i) {
    const Value& value = list.values(i);
    const std::string place = absl::StrCat(path, "[", i, "]");
    if (!IsScalar(value)) {
      problems.Add(place, "must be a number, a word, or true or false");
    } else if (numbers_only && !value.has_number_value()) {
      problems.Add(place, "must be a number; write choice for words");
    }
    for (int j = 0; j < i; ++j) {
      if (SameValue(list.values(j), value)) {
        problems.Add(place, absl::StrCat(ValueText(value), " is listed twice"));
        break;
      }
    }
  }
}

void CheckDomain(absl::string_view name, const v1::Domain& domain, Problems& problems) {
  const std::string path = absl::StrCat("space.", name);
  switch (domain.kind_case()) {
    case v1::Domain::kUniform:
      return CheckReal(path + ".uniform", domain.uniform(), false, false, problems);
    case v1::Domain::kLog:
      return CheckReal(path + ".log", domain.log(), true, false, problems);
    case v1::Domain::kLogComplement:
      return CheckReal(path + ".log_complement", domain.log_complement(), false, true, problems);
    case v1::Domain::kReverseLog:
      return CheckReal(path + ".reverse_log", domain.reverse_log(), true, false, problems);
    case v1::Domain::kInt:
      return CheckOrder(path + ".int", domain.int_(), problems);
    case v1::Domain::kIntLog:
      if (domain.int_log().min() < 1) problems.Add(path + ".int_log.min", "must be >= 1");
      return CheckOrder(path + ".int_log", domain.int_log(), problems);
    case v1::Domain::kValues:
      return CheckList(path + ".values", domain.values(), true, problems);
    case v1::Domain::kChoice:
      return CheckList(path + ".choice", domain.choice(), false, problems);
    case v1::Domain::KIND_NOT_SET:
      return problems.Add(path,
                          "has no domain; write one of uniform, log, log_complement, reverse_log, "
                          "int, int_log, values, choice");
  }
}

}  // namespace

bool SameValue(const Value& a, const Value& b) {
  if (a.kind_case() != b.kind_case()) return false;
  switch (a.kind_case()) {
    case Value::kNumberValue:
      return a.number_value() == b.number_value();
    case Value::kStringValue:
      return a.string_value() == b.string_value();
    case Value::kBoolValue:
      return a.bool_value() == b.bool_value();
    default:
      return false;
  }
}

std::string ValueText(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return NumberText(value.number_value());
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kListValue:
      return "a list";
    case Value::kStructValue:
      return "a mapping";
    default:
      return "nothing";
  }
}

absl::StatusOr<Parameter> Parameter::Create(absl::string_view name, const v1::Domain& domain) {
  Problems problems;
  CheckDomain(name, domain, problems);
  if (!problems.empty()) return problems.ToStatus();

  Parameter parameter;
  parameter.name_ = std::string(name);
  parameter.domain_ = domain;
  switch (domain.kind_case()) {
    case v1::Domain::kUniform:
      parameter.InitReal(Scale::kLinear, domain.uniform());
      break;
    case v1::Domain::kLog:
      parameter.InitReal(Scale::kLog, domain.log());
      break;
    case v1::Domain::kLogComplement:
      parameter.InitReal(Scale::kLogComplement, domain.log_complement());
      break;
    case v1::Domain::kReverseLog:
      parameter.InitReal(Scale::kReverseLog, domain.reverse_log());
      break;
    case v1::Domain::kInt:
      parameter.InitInteger(Scale::kLinear, domain.int_());
      break;
    case v1::Domain::kIntLog:
      parameter.InitInteger(Scale::kLog, domain.int_log());
      break;
    case v1::Domain::kValues:
      parameter.InitList(Kind::kOrdered, domain.values());
      break;
    case v1::Domain::kChoice:
      parameter.InitList(Kind::kChoice, domain.choice());
      break;
    case v1::Domain::KIND_NOT_SET:
      break;  // refused above
  }
  return parameter;
}

void Parameter::InitReal(Scale scale, const v1::Range& range) {
  kind_ = Kind::kReal;
  scale_ = scale;
  min_ = range.min();
  max_ = range.max();
}

void Parameter::InitInteger(Scale scale, const v1::IntRange& range) {
  kind_ = Kind::kInteger;
  scale_ = scale;
  min_ = range.min() - 0.5;
  max_ = range.max() + 0.5;
}

void Parameter::InitList(Kind kind, const ListValue& list) {
  kind_ = kind;
  values_.assign(list.values().begin(), list.values().end());
  if (kind == Kind::kOrdered) {
    std::sort(values_.begin(), values_.end(),
              [](const Value& a, const Value& b) { return a.number_value() < b.number_value(); });
  }
}

std::optional<uint64_t> Parameter::cardinality() const {
  switch (kind_) {
    case Kind::kReal:
      if (min_ == max_) return 1;
      return std::nullopt;
    case Kind::kInteger:
      return static_cast<uint64_t>(max_ - min_);
    case Kind::kOrdered:
    case Kind::kChoice:
      return values_.size();
  }
  return std::nullopt;
}

int Parameter::IndexAt(double u) const {
  const int count = static_cast<int>(values_.size());
  return std::min(static_cast<int>(u * count), count - 1);
}

int64_t Parameter::CellAt(double u) const {
  CAVIAR_CHECK(kind_ != Kind::kReal && u >= 0 && u <= 1) << name_ << " at " << u;
  if (kind_ != Kind::kInteger) return IndexAt(u);
  return static_cast<int64_t>(IntegerAt(u) - (min_ + 0.5));
}

double Parameter::CellBegin(int64_t cell) const {
  CAVIAR_CHECK(kind_ != Kind::kReal && cell >= 0) << name_ << ", cell " << cell;
  if (kind_ != Kind::kInteger) return static_cast<double>(cell) / values_.size();
  return UnitOfValue(scale_, min_, max_, min_ + static_cast<double>(cell));
}

double Parameter::IntegerAt(double u) const {
  // + 0.0 makes the -0 that rounding leaves below zero a 0, which people write.
  return std::clamp(std::round(ValueAtUnit(scale_, min_, max_, u)), min_ + 0.5, max_ - 0.5) + 0.0;
}

Value Parameter::AtUnit(double u) const {
  CAVIAR_CHECK(u >= 0 && u <= 1) << name_ << " at " << u;
  switch (kind_) {
    case Kind::kReal:
      return NumberValue(ValueAtUnit(scale_, min_, max_, u));
    case Kind::kInteger:
      return NumberValue(IntegerAt(u));
    case Kind::kOrdered:
    case Kind::kChoice:
      break;
  }
  return values_[IndexAt(u)];
}

std::optional<double> Parameter::UnitOf(const Value& value) const {
  if (kind_ == Kind::kChoice) {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (SameValue(values_[i], value)) return (i + 0.5) / values_.size();
    }
    return std::nullopt;
  }
  if (!value.has_number_value() || !std::isfinite(value.number_value())) return std::nullopt;
  if (kind_ != Kind::kOrdered) return UnitOfValue(scale_, min_, max_, value.number_value());

  // The listed value nearest to it, for a number that is not listed.
  size_t nearest = 0;
  for (size_t i = 1; i < values_.size(); ++i) {
    if (std::abs(values_[i].number_value() - value.number_value()) <
        std::abs(values_[nearest].number_value() - value.number_value())) {
      nearest = i;
    }
  }
  return (nearest + 0.5) / values_.size();
}

bool Parameter::Contains(const Value& value) const {
  if (kind_ == Kind::kOrdered || kind_ == Kind::kChoice) {
    return std::any_of(values_.begin(), values_.end(),
                       [&value](const Value& listed) { return SameValue(listed, value); });
  }
  if (!value.has_number_value()) return false;
  const double number = value.number_value();
  if (!(number >= min_ && number <= max_)) return false;
  return kind_ == Kind::kReal || number == std::round(number);
}

v1::Domain Parameter::Narrowed(double lo, double hi) const {
  CAVIAR_CHECK(kind_ != Kind::kChoice && 0 <= lo && lo <= hi && hi <= 1) << name_;
  v1::Domain narrowed = domain_;
  const double low = kind_ == Kind::kOrdered ? 0 : AtUnit(lo).number_value();
  const double high = kind_ == Kind::kOrdered ? 0 : AtUnit(hi).number_value();
  const auto set = [low, high](auto* range) {
    range->set_min(low);
    range->set_max(high);
  };
  switch (domain_.kind_case()) {
    case v1::Domain::kUniform:
      set(narrowed.mutable_uniform());
      break;
    case v1::Domain::kLog:
      set(narrowed.mutable_log());
      break;
    case v1::Domain::kLogComplement:
      set(narrowed.mutable_log_complement());
      break;
    case v1::Domain::kReverseLog:
      set(narrowed.mutable_reverse_log());
      break;
    case v1::Domain::kInt:
      set(narrowed.mutable_int_());
      break;
    case v1::Domain::kIntLog:
      set(narrowed.mutable_int_log());
      break;
    case v1::Domain::kValues:
      narrowed.mutable_values()->clear_values();
      for (int i = IndexAt(lo); i <= IndexAt(hi); ++i) {
        *narrowed.mutable_values()->add_values() = values_[i];
      }
      break;
    default:
      break;
  }
  return narrowed;
}

}  // namespace caviar::search
