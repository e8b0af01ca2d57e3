#include "common/text/utf8.h"

#include <cstdint>

namespace caviar {

Utf8Character FirstUtf8Character(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};

  size_t bytes = 0;
  char32_t smallest = 0;  // anything below could be written shorter
  char32_t code = 0;
  if ((lead & 0xE0) == 0xC0) {
    bytes = 2, smallest = 0x80, code = lead & 0x1F;
  } else if ((lead & 0xF0) == 0xE0) {
    bytes = 3, smallest = 0x800, code = lead & 0x0F;
  } else if ((lead & 0xF8) == 0xF0) {
    bytes = 4, smallest = 0x10000, code = lead & 0x07;
  } else {
    return {};
  }
  if (text.size() < bytes) return {};
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3F);
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || is_surrogate) return {};
  return {code, bytes};
}

size_t FindInvalidUtf8(absl::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = FirstUtf8Character(text.substr(at)).bytes;
    if (bytes == 0) return at;
    at += bytes;
  }
  return absl::string_view::npos;
}

absl::string_view CutUtf8(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  const auto continues = [&](size_t at) { return (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80; };
  // A character has three continuation bytes at most; after more of them nothing can be mended.
  while (end > 0 && bytes_max - end < 3 && continues(end)) --end;
  return text.substr(0, continues(end) ? bytes_max : end);
}

}  // namespace caviar
