// Where a watcher stands: everything of a job up to a sequence number. As text, what
// JobUpdate.cursor holds ("7-120"); clients only hand it back.
//
// Errors: kInvalidArgument for text that no coordinator wrote.
#ifndef CAVIAR_COORDINATOR_SERVICE_WATCH_CURSOR_H_
#define CAVIAR_COORDINATOR_SERVICE_WATCH_CURSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::service {

struct WatchCursor {
  uint32_t job = 0;
  uint64_t sequence = 0;
};

std::string FormatWatchCursor(const WatchCursor& cursor);
absl::StatusOr<WatchCursor> ParseWatchCursor(absl::string_view text);

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_WATCH_CURSOR_H_
