#include "client/job_file/problems.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace caviar::job_file {
namespace {

// Nobody reads more at once, and a broken file of 1 MiB could hold 10^5.
constexpr int kShownMax = 50;

}  // namespace

void Problems::Add(int line, absl::string_view path, absl::string_view what) {
  if (++count_ > kShownMax) return;
  const std::string place = line > 0 ? absl::StrCat(source_, ":", line) : "--set";
  lines_.push_back(path.empty() ? absl::StrCat(place, ": ", what)
                                : absl::StrCat(place, ": ", path, ": ", what));
}

absl::Status Problems::ToStatus() const {
  if (empty()) return absl::OkStatus();
  std::string text = absl::StrJoin(lines_, "\n");
  if (count_ > kShownMax) absl::StrAppend(&text, "\n… and ", count_ - kShownMax, " more");
  return absl::InvalidArgumentError(text);
}

}  // namespace caviar::job_file
