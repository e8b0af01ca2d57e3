#include "client/job_file/problems.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace caviar::job_file {
namespace {

// Nobody reads more at once, and a broken file of 1 MiB could hold 10^5.
constexpr size_t kShownMax = 50;

// Whether `inner` is `outer` or a path that begins with it.
bool IsWithin(absl::string_view inner, absl::string_view outer) {
  return absl::ConsumePrefix(&inner, outer) &&
         (inner.empty() || inner[0] == '.' || inner[0] == '[');
}

}  // namespace

void Problems::Add(int line, absl::string_view path, absl::string_view what) {
  const std::string place = line > 0 ? absl::StrCat(source_, ":", line) : "--set";
  lines_.push_back(path.empty() ? absl::StrCat(place, ": ", what)
                                : absl::StrCat(place, ": ", path, ": ", what));
  paths_.emplace_back(path);
}

bool Problems::Concerns(absl::string_view path) const {
  return std::any_of(paths_.begin(), paths_.end(), [path](const std::string& known) {
    return !known.empty() && (IsWithin(known, path) || IsWithin(path, known));
  });
}

absl::Status Problems::ToStatus() const {
  if (empty()) return absl::OkStatus();
  const size_t shown = std::min(lines_.size(), kShownMax);
  std::string text = absl::StrJoin(lines_.begin(), lines_.begin() + shown, "\n");
  if (lines_.size() > shown) absl::StrAppend(&text, "\n… and ", lines_.size() - shown, " more");
  return absl::InvalidArgumentError(text);
}

}  // namespace caviar::job_file
