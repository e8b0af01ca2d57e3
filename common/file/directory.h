// What a directory holds: listing it, and emptying it.
//
// Threads: thread-safe; names that others add or remove meanwhile may or may not be seen.
// Errors:  what the file system said, with the path. A listing that breaks off is an error, never
//          the names up to there.
#ifndef CAVIAR_COMMON_FILE_DIRECTORY_H_
#define CAVIAR_COMMON_FILE_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace caviar {

// The names in it, in no order, without "." and "..".
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& directory);
// Removes all that is in it, directories with their contents.
absl::Status EmptyDirectory(const std::string& directory);

}  // namespace caviar

#endif  // CAVIAR_COMMON_FILE_DIRECTORY_H_
