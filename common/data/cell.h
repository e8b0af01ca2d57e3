// What one piece of text in a table is: missing, a number, or text.
//
// Threads:     thread-safe (pure functions).
// Determinism: independent of the locale.
#ifndef CAVIAR_COMMON_DATA_CELL_H_
#define CAVIAR_COMMON_DATA_CELL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace caviar::data {

enum class CellKind {
  kMissing,   // empty, ?, NA, NaN (in any case)
  kNumber,    // decimal, with optional sign and exponent
  kInfinite,  // inf, infinity, or a number beyond kMagnitudeMax
  kText,
};

// Requires: no blanks around the text. Sets `value` for kNumber alone.
CellKind ParseCell(absl::string_view text, double* value);

bool IsUtf8(absl::string_view text);

// The text between single quotes, shortened, with unprintable bytes as \xNN: for messages.
std::string Quoted(absl::string_view text);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_CELL_H_
