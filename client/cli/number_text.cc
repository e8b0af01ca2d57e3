#include "client/cli/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace caviar::cli {
namespace {

// Every double reads back from this many.
constexpr int kDigitsMax = 17;

}  // namespace

std::string ShortNumber(double number) { return absl::StrFormat("%.5g", number); }

std::string ExactNumber(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
  return std::string(text, end);
}

std::string TypedNumber(double number) {
  // %g would write 300 as 3e+02.
  if (number == std::floor(number) && std::fabs(number) < 1e15) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  std::string text;
  for (int digits = 1; digits <= kDigitsMax; ++digits) {
    text = absl::StrFormat("%.*g", digits, number);
    if (std::strtod(text.c_str(), nullptr) == number) break;
  }
  return text;
}

std::string ShortSeconds(double seconds) {
  if (seconds > 0 && seconds < 0.001) return "<0.001";
  const int decimals = seconds >= 99.95 ? 0 : seconds >= 9.995 ? 1 : seconds >= 0.9995 ? 2 : 3;
  std::string text = absl::StrFormat("%.*f", decimals, seconds);
  if (decimals == 0) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string ExactSeconds(double seconds) { return ExactNumber(std::round(seconds * 1e6) / 1e6); }

std::string Counted(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace caviar::cli
