// One line a message to stderr with time and level. Callers pass finished strings (absl::StrCat),
// so that the logging library's headers stay in log.cc.
//
// Threads: thread-safe.
#ifndef CAVIAR_COMMON_LOG_LOG_H_
#define CAVIAR_COMMON_LOG_LOG_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace caviar {

// level: debug, info, warning, error or off. kInvalidArgument for another word, naming these.
absl::Status SetLogLevel(absl::string_view level);

void LogDebug(absl::string_view message);
void LogInfo(absl::string_view message);
void LogWarning(absl::string_view message);
void LogError(absl::string_view message);

}  // namespace caviar

#endif  // CAVIAR_COMMON_LOG_LOG_H_
