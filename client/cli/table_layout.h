// Which columns of a table a terminal has room for, and how wide each is.
//
// Threads: a pure function.
#ifndef CAVIAR_CLIENT_CLI_TABLE_LAYOUT_H_
#define CAVIAR_CLIENT_CLI_TABLE_LAYOUT_H_

#include <span>
#include <vector>

namespace caviar::cli {

// Between two columns.
inline constexpr int kColumnGap = 2;

struct ColumnNeed {
  int width = 0;       // for all of its heading and texts
  int shortest = 0;    // it may be cut to this; 0: it may not be cut
  int expendable = 0;  // the larger, the sooner it is left out; among equals the one on the right
};

// The width of each column, 0 for those left out. A column is shown where there is room for it
// beside those that are less expendable, cut if need be; what is left over goes to the cut ones,
// the least expendable first. The first of all is shown in any case, cut to `width` where even
// that is too little. `width` 0: all, uncut.
std::vector<int> LayOutColumns(std::span<const ColumnNeed> needs, int width);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_TABLE_LAYOUT_H_
