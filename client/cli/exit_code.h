// What `caviar` ends with, and how an error is shown.
#ifndef CAVIAR_CLIENT_CLI_EXIT_CODE_H_
#define CAVIAR_CLIENT_CLI_EXIT_CODE_H_

#include <string>

#include "absl/status/status.h"

namespace caviar::cli {

enum ExitCode {
  kDone = 0,
  // Neither the user's input nor the job: a full disk, a bug, a damaged store.
  kBroken = 1,
  // Usage or invalid input, which includes names of things that do not exist.
  kUsage = 2,
  // The job failed (also when every trial was infeasible) or was cancelled.
  kJobFailed = 3,
  kCannotConnect = 4,
  kInterrupted = 130,
};

ExitCode ExitCodeOf(const absl::Status& error);

// `caviar: what was wrong`, or a list under its count where there are several lines. Control
// characters are taken out; ends with a newline.
std::string ErrorText(const absl::Status& error);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_EXIT_CODE_H_
