// Numbers as text, for messages and labels.
//
// Threads:     pure functions.
// Determinism: independent of the locale.
#ifndef CAVIAR_COMMON_TEXT_NUMBER_TEXT_H_
#define CAVIAR_COMMON_TEXT_NUMBER_TEXT_H_

#include <string>

namespace caviar {

// The shortest decimal text that reads back as the same number: "3", "0.1", "-1e+20".
// absl::StrCat keeps six digits.
std::string NumberText(double number);

}  // namespace caviar

#endif  // CAVIAR_COMMON_TEXT_NUMBER_TEXT_H_
