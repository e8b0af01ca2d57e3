// Whether a file that a flag names can be written, asked before the work whose result it takes.
#ifndef CAVIAR_CLIENT_CLI_OUTPUT_PATH_H_
#define CAVIAR_CLIENT_CLI_OUTPUT_PATH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace caviar::cli {

// kInvalidArgument, starting with `flag`, when `path` is a directory or its folder takes no file.
absl::Status CheckOutputPath(absl::string_view flag, const std::string& path);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_OUTPUT_PATH_H_
