#include "client/cli/table_layout.h"

#include <algorithm>
#include <numeric>

namespace caviar::cli {

std::vector<int> LayOutColumns(std::span<const ColumnNeed> needs, int width) {
  std::vector<int> widths(needs.size(), 0);
  if (width == 0) {
    std::transform(needs.begin(), needs.end(), widths.begin(),
                   [](const ColumnNeed& need) { return need.width; });
    return widths;
  }
  std::vector<size_t> order(needs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [needs](size_t a, size_t b) {
    return needs[a].expendable < needs[b].expendable;
  });
  int used = 0;
  for (const size_t c : order) {
    const ColumnNeed& need = needs[c];
    if (need.width == 0) continue;
    const int least = need.shortest > 0 ? std::min(need.width, need.shortest) : need.width;
    if (used == 0) {
      widths[c] = std::min(least, width);
    } else if (used + kColumnGap + least <= width) {
      widths[c] = least;
      used += kColumnGap;
    }
    used += widths[c];
  }
  for (const size_t c : order) {
    if (widths[c] == 0) continue;
    const int more = std::min(needs[c].width - widths[c], std::max(0, width - used));
    widths[c] += more;
    used += more;
  }
  return widths;
}

}  // namespace caviar::cli
