// The directory of services that are started here: made where it is missing, and taken away again
// when nothing came of them.
//
// Errors: what the file system said, with the path.
#ifndef CAVIAR_CLIENT_CLI_SERVICE_DIRECTORY_H_
#define CAVIAR_CLIENT_CLI_SERVICE_DIRECTORY_H_

#include <string>

#include "absl/status/statusor.h"

namespace caviar::cli {

// Creates it, and its parents, if missing. True if this call and no other process has made it.
absl::StatusOr<bool> MakeServiceDirectory(const std::string& directory);

// Removes it with all that is in it, unless a process uses it. What cannot be removed is left.
void RemoveServiceDirectory(const std::string& directory);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_SERVICE_DIRECTORY_H_
