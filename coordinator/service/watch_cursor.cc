#include "coordinator/service/watch_cursor.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace caviar::service {

std::string FormatWatchCursor(const WatchCursor& cursor) {
  return absl::StrCat(cursor.job, "-", cursor.sequence);
}

absl::StatusOr<WatchCursor> ParseWatchCursor(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  WatchCursor cursor;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &cursor.job) ||
      !absl::SimpleAtoi(parts[1], &cursor.sequence)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cursor \"", text,
                     "\" is none of this server's; leave it empty to start from the beginning"));
  }
  return cursor;
}

}  // namespace caviar::service
