#include "common/text/number_text.h"

#include <charconv>

namespace caviar {

std::string NumberText(double number) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof(text), number).ptr);
}

}  // namespace caviar
