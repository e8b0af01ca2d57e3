#include "coordinator/search/trial_query.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/hyperparameters/edit_distance.h"
#include "common/status/status_macros.h"
#include "coordinator/search/parameter.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;
using Operator = TrialComparison::Operator;

absl::Status ErrorAt(size_t position, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("column ", position + 1, ": ", what));
}

absl::StatusOr<TrialField> FieldAt(size_t position, absl::string_view name,
                                   const v1::JobSpec& spec) {
  std::optional<TrialField> field = FindTrialField(name, spec);
  if (field.has_value()) return *std::move(field);
  const std::string nearest = NearestName(name, TrialFieldNames(spec));
  return ErrorAt(position, absl::StrCat("this job's trials have no ", name,
                                        nearest.empty() ? "" : "; did you mean ", nearest,
                                        nearest.empty() ? "" : "?"));
}

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(c) || absl::StrContains("_.:+-", absl::string_view(&c, 1));
}

bool IsWordField(const TrialField& field) {
  return field.kind == TrialField::Kind::kState || field.kind == TrialField::Kind::kWorker ||
         field.kind == TrialField::Kind::kReason;
}

class FilterParser {
 public:
  FilterParser(absl::string_view text, const v1::JobSpec& spec) : text_(text), spec_(spec) {}

  absl::StatusOr<std::vector<TrialComparison>> Run() {
    std::vector<TrialComparison> comparisons;
    SkipSpace();
    while (position_ < text_.size()) {
      CAVIAR_ASSIGN_OR_RETURN(TrialComparison comparison, Comparison());
      comparisons.push_back(std::move(comparison));
      SkipSpace();
      if (position_ == text_.size()) break;
      const size_t start = position_;
      if (!absl::EqualsIgnoreCase(Word(), "AND")) return ErrorAt(start, "expected AND or the end");
      SkipSpace();
      if (position_ == text_.size()) return ErrorAt(position_, "expected a name after AND");
    }
    return comparisons;
  }

 private:
  absl::StatusOr<TrialComparison> Comparison() {
    TrialComparison comparison;
    const size_t name_start = position_;
    const absl::string_view name = Word();
    if (name.empty()) return ErrorAt(name_start, "expected a name, such as state or value");
    CAVIAR_ASSIGN_OR_RETURN(comparison.field, FieldAt(name_start, name, spec_));

    SkipSpace();
    const size_t operator_start = position_;
    const std::optional<Operator> op = ReadOperator();
    if (!op.has_value()) return ErrorAt(position_, "expected one of = != < <= > >=");
    comparison.op = *op;

    SkipSpace();
    const size_t literal_start = position_;
    CAVIAR_ASSIGN_OR_RETURN(comparison.literal, Literal(comparison.field));
    const bool orders = comparison.op != Operator::kEqual && comparison.op != Operator::kNotEqual;
    if (orders && !comparison.literal.has_number_value()) {
      return ErrorAt(operator_start, "words and booleans are compared with = or != only");
    }
    if (comparison.field.kind == TrialField::Kind::kState) {
      v1::Trial::State state;
      if (!v1::Trial::State_Parse(comparison.literal.string_value(), &state)) {
        return ErrorAt(literal_start,
                       "expected a state: PENDING, RUNNING, PAUSED, COMPLETED, "
                       "PRUNED, INFEASIBLE, FAILED or CANCELLED");
      }
    }
    return comparison;
  }

  std::optional<Operator> ReadOperator() {
    static constexpr std::pair<absl::string_view, Operator> kOperators[] = {
        {"!=", Operator::kNotEqual}, {"<=", Operator::kLessEqual}, {">=", Operator::kGreaterEqual},
        {"=", Operator::kEqual},     {"<", Operator::kLess},       {">", Operator::kGreater}};
    for (const auto& [symbol, op] : kOperators) {
      if (absl::StartsWith(text_.substr(position_), symbol)) {
        position_ += symbol.size();
        return op;
      }
    }
    return std::nullopt;
  }

  absl::StatusOr<Value> Literal(const TrialField& field) {
    const size_t start = position_;
    Value value;
    if (position_ < text_.size() && (text_[position_] == '"' || text_[position_] == '\'')) {
      CAVIAR_ASSIGN_OR_RETURN(*value.mutable_string_value(), Quoted());
    } else {
      const absl::string_view word = Word();
      if (word.empty()) return ErrorAt(start, "expected a number, a word or a quoted word");
      double number = 0;
      if (IsWordField(field)) {  // a worker may be called 7
        value.set_string_value(std::string(word));
      } else if (word == "true" || word == "false") {
        value.set_bool_value(word == "true");
      } else if (absl::SimpleAtod(word, &number) && std::isfinite(number)) {
        value.set_number_value(number);
      } else {
        value.set_string_value(std::string(word));
      }
    }
    if (field.kind == TrialField::Kind::kState) {
      value.set_string_value(absl::AsciiStrToUpper(value.string_value()));
    }
    return value;
  }

  // Requires: a quote at the position.
  absl::StatusOr<std::string> Quoted() {
    const size_t start = position_;
    const char quote = text_[position_++];
    std::string word;
    while (position_ < text_.size()) {
      char c = text_[position_++];
      if (c == quote) return word;
      if (c == '\\' && position_ < text_.size()) c = text_[position_++];
      word.push_back(c);
    }
    return ErrorAt(start, "this quote is not closed");
  }

  absl::string_view Word() {
    const size_t start = position_;
    while (position_ < text_.size() && IsWordCharacter(text_[position_])) ++position_;
    return text_.substr(start, position_ - start);
  }

  void SkipSpace() {
    while (position_ < text_.size() && absl::ascii_isspace(text_[position_])) ++position_;
  }

  absl::string_view text_;
  const v1::JobSpec& spec_;
  size_t position_ = 0;
};

bool Holds(const TrialComparison& comparison, const v1::TrialRecord& trial) {
  const std::optional<Value> value = ReadTrialField(comparison.field, trial);
  if (!value.has_value()) return false;
  if (comparison.op == Operator::kEqual) return SameValue(*value, comparison.literal);
  if (comparison.op == Operator::kNotEqual) return !SameValue(*value, comparison.literal);
  if (!value->has_number_value()) return false;  // a choice of numbers and words
  const double left = value->number_value();
  const double right = comparison.literal.number_value();
  switch (comparison.op) {
    case Operator::kLess:
      return left < right;
    case Operator::kLessEqual:
      return left <= right;
    case Operator::kGreater:
      return left > right;
    case Operator::kGreaterEqual:
      return left >= right;
    default:
      return false;
  }
}

// Numbers, booleans, words, nothing.
int KindRank(const std::optional<Value>& value) {
  if (!value.has_value()) return 3;
  if (value->has_number_value()) return 0;
  return value->has_bool_value() ? 1 : 2;
}

// -1, 0 or 1. Requires: equal kinds.
int Compare(const Value& a, const Value& b) {
  if (a.has_number_value()) {
    return (a.number_value() > b.number_value()) - (a.number_value() < b.number_value());
  }
  if (a.has_bool_value()) return a.bool_value() - b.bool_value();
  const int order = a.string_value().compare(b.string_value());
  return (order > 0) - (order < 0);
}

}  // namespace

TrialFilter::TrialFilter(std::vector<TrialComparison> comparisons)
    : comparisons_(std::move(comparisons)) {}

absl::StatusOr<TrialFilter> TrialFilter::Parse(absl::string_view text, const v1::JobSpec& spec) {
  absl::StatusOr<std::vector<TrialComparison>> comparisons = FilterParser(text, spec).Run();
  if (!comparisons.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("filter, ", comparisons.status().message()));
  }
  return TrialFilter(*std::move(comparisons));
}

bool TrialFilter::Matches(const v1::TrialRecord& trial) const {
  return std::all_of(
      comparisons_.begin(), comparisons_.end(),
      [&trial](const TrialComparison& comparison) { return Holds(comparison, trial); });
}

TrialOrder::TrialOrder(TrialField field, bool descending)
    : field_(std::move(field)), descending_(descending) {}

absl::StatusOr<TrialOrder> TrialOrder::Parse(absl::string_view text, const v1::JobSpec& spec) {
  const absl::string_view stripped = absl::StripAsciiWhitespace(text);
  if (stripped.empty()) {
    return TrialOrder(TrialField{TrialField::Kind::kValue, "", {}},
                      spec.objective().direction() == v1::Objective::MAXIMIZE);
  }
  const size_t name_start = stripped.data() - text.data();
  const size_t space = std::min(stripped.find_first_of(" \t"), stripped.size());
  const absl::string_view direction = absl::StripLeadingAsciiWhitespace(stripped.substr(space));
  const bool descending = absl::EqualsIgnoreCase(direction, "desc");
  if (!descending && !direction.empty() && !absl::EqualsIgnoreCase(direction, "asc")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "order_by, ",
        ErrorAt(direction.data() - text.data(), "expected asc, desc or the end").message()));
  }
  absl::StatusOr<TrialField> field = FieldAt(name_start, stripped.substr(0, space), spec);
  if (!field.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("order_by, ", field.status().message()));
  }
  return TrialOrder(*std::move(field), descending);
}

bool TrialOrder::Before(const v1::TrialRecord& a, const v1::TrialRecord& b) const {
  const std::optional<Value> left = ReadTrialField(field_, a);
  const std::optional<Value> right = ReadTrialField(field_, b);
  if (KindRank(left) != KindRank(right)) return KindRank(left) < KindRank(right);
  if (left.has_value()) {
    const int order = Compare(*left, *right);
    if (order != 0) return descending_ ? order > 0 : order < 0;
  }
  return a.number() < b.number();
}

}  // namespace caviar::search
