#include "client/job_file/duration.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace caviar::job_file {
namespace {

// Longest first, so that "ms" is not read as "m".
constexpr struct {
  const char* name;
  int64_t milliseconds;
} kUnits[] = {
    {"ms", 1}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000},
};
constexpr absl::Duration kLongest = absl::Seconds(315'576'000'000);

// Takes "1.5h" off the front of `text`.
bool ConsumePart(absl::string_view* text, absl::Duration* part) {
  size_t digits = 0;
  while (digits < text->size() &&
         (absl::ascii_isdigit((*text)[digits]) || (*text)[digits] == '.')) {
    ++digits;
  }
  double number = 0;
  if (digits == 0 || !absl::SimpleAtod(text->substr(0, digits), &number)) return false;
  text->remove_prefix(digits);
  for (const auto& unit : kUnits) {
    if (absl::ConsumePrefix(text, unit.name)) {
      *part = absl::Milliseconds(unit.milliseconds) * number;
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration total;
  absl::string_view rest = text;
  bool is_valid = !rest.empty();
  while (is_valid && !rest.empty()) {
    absl::Duration part;
    is_valid = ConsumePart(&rest, &part);
    total += part;
  }
  if (!is_valid) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be a duration such as 45s, 30m, 1h30m or 90d, got \"", text, "\""));
  }
  if (total > kLongest) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be at most 10,000 years, got \"", text, "\""));
  }
  return total;
}

std::string WriteDuration(absl::Duration duration) {
  int64_t milliseconds = absl::ToInt64Milliseconds(duration);
  std::string text = milliseconds < 0 ? "-" : "";
  milliseconds = milliseconds < 0 ? -milliseconds : milliseconds;
  for (const char* name : {"d", "h", "m", "s", "ms"}) {
    for (const auto& unit : kUnits) {
      if (absl::string_view(unit.name) != name || milliseconds < unit.milliseconds) continue;
      absl::StrAppend(&text, milliseconds / unit.milliseconds, name);
      milliseconds %= unit.milliseconds;
    }
  }
  return text.empty() ? "0s" : text;
}

}  // namespace caviar::job_file
