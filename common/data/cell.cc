#include "common/data/cell.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/data/limits.h"
#include "common/text/utf8.h"

namespace caviar::data {
namespace {

CellKind ParseNumber(absl::string_view text, double* value) {
  // from_chars knows no plus sign, and must not meet "+-1".
  absl::string_view digits = text;
  if (digits[0] == '+') {
    digits.remove_prefix(1);
    if (digits.empty() || digits[0] == '-') return CellKind::kText;
  }
  const char* const end = digits.data() + digits.size();
  double number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return CellKind::kText;
  if (error == std::errc::result_out_of_range) {
    // Too large or too near to zero: from_chars leaves open which.
    if (!absl::SimpleAtod(digits, &number)) return CellKind::kText;
  }
  if (std::isnan(number)) return CellKind::kMissing;
  if (std::abs(number) > kMagnitudeMax) return CellKind::kInfinite;
  *value = number;
  return CellKind::kNumber;
}

}  // namespace

CellKind ParseCell(absl::string_view text, double* value) {
  if (text.empty() || text == "?" || text == "NA") return CellKind::kMissing;
  switch (text[0]) {
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
    case '+':
    case '-':
    case '.':
      return ParseNumber(text, value);
    case 'n':
    case 'N':
      return absl::EqualsIgnoreCase(text, "nan") ? CellKind::kMissing : CellKind::kText;
    case 'i':
    case 'I':
      return absl::EqualsIgnoreCase(text, "inf") || absl::EqualsIgnoreCase(text, "infinity")
                 ? CellKind::kInfinite
                 : CellKind::kText;
    default:
      return CellKind::kText;
  }
}

bool IsUtf8(absl::string_view text) { return FindInvalidUtf8(text) == absl::string_view::npos; }

std::string Quoted(absl::string_view text) {
  constexpr size_t kShownBytesMax = 60;
  const absl::string_view head = CutUtf8(text, kShownBytesMax);
  std::string escaped;
  if (!IsUtf8(head)) {
    escaped = absl::CHexEscape(head);
  } else {
    for (const char c : head) {
      const auto byte = static_cast<uint8_t>(c);
      if (byte < 0x20 || byte == 0x7F) {
        absl::StrAppend(&escaped, absl::CHexEscape(absl::string_view(&c, 1)));
      } else {
        escaped += c;
      }
    }
  }
  return absl::StrCat("'", escaped, head.size() < text.size() ? "…" : "", "'");
}

}  // namespace caviar::data
