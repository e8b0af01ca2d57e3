#include "coordinator/search/inequality.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace caviar::search {
namespace {

class InequalityParser {
 public:
  explicit InequalityParser(absl::string_view text) : text_(text) {}

  absl::StatusOr<Inequality> Parse() {
    CAVIAR_RETURN_IF_ERROR(ParseSide(1));
    SkipSpace();
    const bool is_upper = Peek() == '<';
    if (!is_upper && Peek() != '>') {
      return Error(Peek() == '=' ? "an equality leaves no room to draw points from; write <= or >="
                   : Peek() == '*' ? "write the number first, as in 2 * momentum; a product of two "
                                     "hyperparameters is not linear"
                                   : "expected +, -, <=, >=, < or >");
    }
    ++at_;
    parsed_.is_strict = Peek() != '=';
    if (!parsed_.is_strict) ++at_;
    CAVIAR_RETURN_IF_ERROR(ParseSide(-1));
    SkipSpace();
    if (Peek() == '<' || Peek() == '>') {
      return Error("one comparison is enough; write the other one as a constraint of its own");
    }
    if (at_ < text_.size()) {
      return Error(Peek() == '*' ? "write the number first, as in 2 * momentum; a product of two "
                                   "hyperparameters is not linear"
                                 : "expected +, - or the end");
    }
    if (!is_upper) {
      for (auto& [name, factor] : parsed_.factors) factor = -factor;
      parsed_.bound = -parsed_.bound;
    }
    bool is_finite = std::isfinite(parsed_.bound);
    for (const auto& [name, factor] : parsed_.factors) {
      is_finite = is_finite && std::isfinite(factor);
    }
    if (!is_finite) return absl::InvalidArgumentError("its numbers are too large");
    return std::move(parsed_);
  }

 private:
  // `side` is 1 for the left one and -1 for the right one.
  absl::Status ParseSide(double side) {
    SkipSpace();
    double sign = 1;
    if (Peek() == '-') {
      sign = -1;
      ++at_;
    }
    while (true) {
      CAVIAR_RETURN_IF_ERROR(ParseTerm(side * sign));
      SkipSpace();
      if (Peek() != '+' && Peek() != '-') return absl::OkStatus();
      sign = Peek() == '-' ? -1 : 1;
      ++at_;
    }
  }

  absl::Status ParseTerm(double sign) {
    SkipSpace();
    if (IsNameStart(Peek())) {
      parsed_.factors[TakeName()] += sign;
      return absl::OkStatus();
    }
    double number = 0;
    if (!TakeNumber(number)) return Error("expected a number or the name of a hyperparameter");
    SkipSpace();
    if (Peek() != '*') {
      parsed_.bound -= sign * number;
      return absl::OkStatus();
    }
    ++at_;
    SkipSpace();
    if (!IsNameStart(Peek())) return Error("expected the name of a hyperparameter");
    parsed_.factors[TakeName()] += sign * number;
    return absl::OkStatus();
  }

  static bool IsNameStart(char c) { return absl::ascii_isalpha(c) || c == '_'; }

  std::string TakeName() {
    const size_t begin = at_;
    while (absl::ascii_isalnum(Peek()) || Peek() == '_') ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // Digits, a fraction, an exponent. False, and nothing taken, where there is none.
  bool TakeNumber(double& number) {
    size_t end = at_;
    const auto digits = [&] {
      const size_t begin = end;
      while (end < text_.size() && absl::ascii_isdigit(text_[end])) ++end;
      return end > begin;
    };
    bool has_digits = digits();
    if (end < text_.size() && text_[end] == '.') {
      ++end;
      has_digits = digits() || has_digits;
    }
    if (!has_digits) return false;
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const size_t before = end++;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (!digits()) end = before;
    }
    // A number that is too large becomes infinite, which is refused in the end.
    if (!absl::SimpleAtod(text_.substr(at_, end - at_), &number)) return false;
    at_ = end;
    return true;
  }

  void SkipSpace() {
    while (absl::ascii_isspace(Peek())) ++at_;
  }
  // 0 at the end.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("at character ", at_ + 1, ": ", what));
  }

  absl::string_view text_;
  size_t at_ = 0;
  Inequality parsed_;
};

}  // namespace

absl::StatusOr<Inequality> ParseInequality(absl::string_view text) {
  return InequalityParser(text).Parse();
}

}  // namespace caviar::search
