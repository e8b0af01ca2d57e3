// Whole-file reads and writes that survive power loss: bytes, file and directory are synced before
// a write is reported done, and a reader sees the old file or the new one, never half of either.
//
// Threads: thread-safe; two writers of one path leave one of the two contents.
// Errors:  what the file system said (kNotFound, kPermissionDenied, kResourceExhausted for a full
//          disk …), with the path.
#ifndef CAVIAR_COMMON_FILE_DURABLE_FILE_H_
#define CAVIAR_COMMON_FILE_DURABLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar {

absl::StatusOr<std::string> ReadFile(const std::string& path);
// Writes all of `bytes` where `fd` stands, not yet durably. `path` is for the message only.
absl::Status WriteAll(int fd, absl::string_view bytes, const std::string& path);
// A name beside `path` for what will be renamed over it, unique among the writers on this machine.
// A file of that name is what a process with this one's id has left when it was killed (in a
// container the ids repeat at every start), and is removed.
std::string NewTemporaryName(const std::string& path);
// Writes beside `path`, syncs, renames over it, syncs the directory.
absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes);
// Syncs and renames an already written file to `path` in the same file system.
absl::Status RenameDurably(const std::string& from, const std::string& path);
absl::Status SyncDirectory(const std::string& directory);
// Creates the directory and its parents (mode 0700) if missing.
absl::Status CreateDirectories(const std::string& directory);

}  // namespace caviar

#endif  // CAVIAR_COMMON_FILE_DURABLE_FILE_H_
