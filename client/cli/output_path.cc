#include "client/cli/output_path.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace caviar::cli {

absl::Status CheckOutputPath(absl::string_view flag, const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": ", path, " is a directory; give a file in it"));
  }
  if (std::filesystem::is_directory(folder, ignored) && access(folder.c_str(), W_OK) == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(flag, ": cannot write into the folder ", folder,
                                                 " of ", path, "; create it, or give another"));
}

}  // namespace caviar::cli
