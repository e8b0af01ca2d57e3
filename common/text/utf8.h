// UTF-8, one character at a time, and texts cut between characters.
//
// Threads: pure functions.
#ifndef CAVIAR_COMMON_TEXT_UTF8_H_
#define CAVIAR_COMMON_TEXT_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace caviar {

struct Utf8Character {
  char32_t code = 0;
  // Bytes it takes in the text; 0 where the text does not start with a valid character (a cut-off
  // or overlong sequence, a surrogate, past U+10FFFF).
  size_t bytes = 0;
};

// The first character of `text`. Requires: text is not empty.
Utf8Character FirstUtf8Character(absl::string_view text);

// Position of the first byte that is not UTF-8, or npos when all of it is.
size_t FindInvalidUtf8(absl::string_view text);

// The longest beginning of at most `bytes_max` bytes that does not end inside a character. Half a
// character is more than ugly: a proto3 message that holds one serializes, but never parses again.
// What is not UTF-8 before the cut stays as it is.
absl::string_view CutUtf8(absl::string_view text, size_t bytes_max);

}  // namespace caviar

#endif  // CAVIAR_COMMON_TEXT_UTF8_H_
