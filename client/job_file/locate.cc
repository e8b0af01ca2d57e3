#include "client/job_file/locate.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace caviar::job_file {
namespace {

using Kind = YamlNode::Kind;

// Takes the first step off the path: "name", or "[0]" with its brackets.
absl::string_view TakeStep(absl::string_view& path) {
  absl::ConsumePrefix(&path, ".");
  const size_t end = std::min(path.find_first_of(".[", 1), path.size());
  const absl::string_view step = path.substr(0, end);
  path.remove_prefix(end);
  return step;
}

// The element of a list that the step names: [3], or min and max of [a, b]; -1 if it names none.
int IndexOf(absl::string_view step, const YamlNode& list) {
  const auto size = static_cast<int>(list.items.size());
  if (size == 2 && (step == "min" || step == "max")) return step == "min" ? 0 : 1;
  int index = 0;
  const bool is_index = absl::ConsumePrefix(&step, "[") && absl::ConsumeSuffix(&step, "]") &&
                        absl::SimpleAtoi(step, &index);
  return is_index && index >= 0 && index < size ? index : -1;
}

}  // namespace

Location Locate(absl::string_view path, YamlNode& root) {
  Location location{root.line, ""};
  YamlNode* node = &root;
  while (!path.empty()) {
    const absl::string_view step = TakeStep(path);
    std::string shown(step);
    if (node != nullptr && node->kind == Kind::kMap) {
      node = node->Find(step);
    } else if (node != nullptr && node->kind == Kind::kSequence) {
      const int index = IndexOf(step, *node);
      if (index >= 0) shown = absl::StrCat("[", index, "]");
      node = index < 0 ? nullptr : &node->items[static_cast<size_t>(index)];
    } else {
      node = nullptr;
    }
    if (node != nullptr) location.line = node->line;
    absl::StrAppend(&location.path, location.path.empty() || shown[0] == '[' ? "" : ".", shown);
  }
  return location;
}

}  // namespace caviar::job_file
