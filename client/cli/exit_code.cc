#include "client/cli/exit_code.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/printable.h"

namespace caviar::cli {

ExitCode ExitCodeOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
      return kUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kCannotConnect;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kBroken;
  }
}

std::string ErrorText(const absl::Status& error) {
  const std::vector<absl::string_view> lines =
      absl::StrSplit(error.message(), '\n', absl::SkipEmpty());
  if (lines.empty()) {
    return absl::StrCat("caviar: ", absl::StatusCodeToString(error.code()), "\n");
  }
  if (lines.size() == 1) return absl::StrCat("caviar: ", Printable(lines[0]), "\n");
  std::string text = absl::StrCat("caviar: ", lines.size(), " problems:\n");
  for (const absl::string_view line : lines) absl::StrAppend(&text, "  ", Printable(line), "\n");
  return text;
}

}  // namespace caviar::cli
