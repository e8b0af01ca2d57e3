#include "common/file/directory.h"

#include <dirent.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace caviar {

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& directory) {
  // Not std::filesystem: a range over its directory_iterator throws when the disk fails half way.
  DIR* const stream = opendir(directory.c_str());
  if (stream == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot list ", directory));
  const auto closer = absl::MakeCleanup([stream] { closedir(stream); });
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(stream);
    if (entry == nullptr && errno != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot list ", directory));
    }
    if (entry == nullptr) return names;
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
}

absl::Status EmptyDirectory(const std::string& directory) {
  CAVIAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  for (const std::string& name : names) {
    const std::string path = absl::StrCat(directory, "/", name);
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot remove ", path));
  }
  return absl::OkStatus();
}

}  // namespace caviar
