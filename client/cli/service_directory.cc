#include "client/cli/service_directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file/directory_lock.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"

namespace caviar::cli {

absl::StatusOr<bool> MakeServiceDirectory(const std::string& directory) {
  std::filesystem::path path(directory);
  if (!path.has_filename()) path = path.parent_path();  // "data/"
  if (path.has_parent_path()) {
    CAVIAR_RETURN_IF_ERROR(CreateDirectories(path.parent_path().string()));
  }
  // Whether it is there is asked by making it: of two commands that start at once, one has made it.
  if (mkdir(path.c_str(), 0700) == 0) return true;
  if (errno != EEXIST) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", directory));
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return false;
  return absl::FailedPreconditionError(
      absl::StrCat(directory, " is no directory; give another --dir"));
}

void RemoveServiceDirectory(const std::string& directory) {
  const absl::StatusOr<DirectoryLock> lock = DirectoryLock::Acquire(directory);
  if (!lock.ok()) return;
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

}  // namespace caviar::cli
