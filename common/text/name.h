// Names that need no quotes anywhere: jobs, data sets, workers. [A-Za-z0-9._-]{1,128}.
//
// Threads: pure functions.
#ifndef CAVIAR_COMMON_TEXT_NAME_H_
#define CAVIAR_COMMON_TEXT_NAME_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace caviar {

// Leaves room for an ending inside the 255 bytes that a file name may have.
inline constexpr size_t kNameBytesMax = 128;

bool IsNameCharacter(char c);
bool IsName(absl::string_view text);
// Digits alone: where both a number and a name may stand, it is the number.
bool IsNumberWord(absl::string_view text);

}  // namespace caviar

#endif  // CAVIAR_COMMON_TEXT_NAME_H_
