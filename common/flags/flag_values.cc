#include "common/flags/flag_values.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/check.h"
#include "common/text/printable.h"

namespace caviar {

CLI::Validator WholeNumber(int64_t min, int64_t max) {
  const auto check = [min, max](const std::string& text) -> std::string {
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) {
      return absl::StrCat("must be a whole number from ", min, " to ", max, ", got \"",
                          Printable(text), "\"");
    }
    if (number < min) return absl::StrCat("must be at least ", min, ", got ", number);
    if (number > max) return absl::StrCat("must be at most ", max, ", got ", number);
    return "";
  };
  return CLI::Validator(check, "");
}

CLI::Validator OneOf(const std::vector<std::string>& words) {
  const auto check = [words](const std::string& text) -> std::string {
    if (std::find(words.begin(), words.end(), text) != words.end()) return "";
    return absl::StrCat("must be ", absl::StrJoin(words.begin(), words.end() - 1, ", "), " or ",
                        words.back(), ", got \"", Printable(text), "\"");
  };
  return CLI::Validator(check, "");
}

void AddDurationFlag(CLI::App& app, const std::string& name, absl::Duration min,
                     const std::string& description, absl::Duration& value) {
  const auto check = [min](const std::string& text) -> std::string {
    absl::Duration duration;
    const bool is_duration = absl::ParseDuration(text, &duration) && duration >= min &&
                             duration != absl::InfiniteDuration();
    if (is_duration) return "";
    const std::string bound = min > absl::ZeroDuration()
                                  ? absl::StrCat(" of at least ", absl::FormatDuration(min))
                                  : std::string();
    return absl::StrCat("must be a duration", bound, " such as 500ms, 30s or 2m, got \"",
                        Printable(text), "\"");
  };
  const auto set = [&value](const std::string& text) {
    CAVIAR_CHECK(absl::ParseDuration(text, &value)) << text;
  };
  app.add_option_function<std::string>(name, set, description)
      ->check(CLI::Validator(check, ""))
      ->option_text(absl::StrCat("DURATION [", absl::FormatDuration(value), "]"));
}

}  // namespace caviar
