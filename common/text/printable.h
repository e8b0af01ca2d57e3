// Text that came from files and servers, made safe and measured for a terminal.
//
// Threads: pure functions.
#ifndef CAVIAR_COMMON_TEXT_PRINTABLE_H_
#define CAVIAR_COMMON_TEXT_PRINTABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace caviar {

// Without control characters (C0, C1, DEL: what colours, moves and retitles terminals) and without
// the marks that turn the direction of text; bytes that are not UTF-8 become "?".
std::string Printable(absl::string_view text);

// Columns it takes on a terminal. Requires: Printable().
int DisplayWidth(absl::string_view text);

// Cut to at most `width` columns, its last one "…" if something is missing. Requires: Printable(),
// width >= 1.
std::string Shorten(absl::string_view text, int width);

// Cut at spaces into lines of at most `width` columns; a longer word has a line of its own. At
// least one line. Requires: Printable(), width >= 1.
std::vector<std::string> Wrap(absl::string_view text, int width);

}  // namespace caviar

#endif  // CAVIAR_COMMON_TEXT_PRINTABLE_H_
