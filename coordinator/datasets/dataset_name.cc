#include "coordinator/datasets/dataset_name.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/text/name.h"
#include "common/text/utf8.h"

namespace caviar::datasets {
namespace {

// They name files, too, where those two mean something else.
bool IsDatasetName(absl::string_view text) { return IsName(text) && text != "." && text != ".."; }

bool DropEnding(absl::string_view& name, absl::string_view ending) {
  if (name.size() <= ending.size() || !absl::EndsWithIgnoreCase(name, ending)) return false;
  name.remove_suffix(ending.size());
  return true;
}

}  // namespace

absl::StatusOr<std::string> DatasetName(absl::string_view wanted, absl::string_view file_name) {
  if (!wanted.empty()) {
    if (IsDatasetName(wanted)) return std::string(wanted);
    return absl::InvalidArgumentError(
        absl::StrCat("name: ", data::Quoted(wanted), " must be 1 to ", kNameBytesMax,
                     " letters, digits, periods, hyphens or underscores"));
  }
  DropEnding(file_name, ".gz");
  for (const char* ending : {".csv", ".tsv", ".txt", ".data", ".npy", ".libsvm", ".svm", ".idx"}) {
    if (DropEnding(file_name, ending)) break;
  }
  std::string name(file_name.substr(0, kNameBytesMax));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !IsNameCharacter(c); }, '-');
  if (IsDatasetName(name)) return name;
  return absl::InvalidArgumentError("name: the data set needs a name; its file has none to take");
}

std::string DisplayName(absl::string_view file_name, absl::string_view fallback) {
  const size_t slash = file_name.find_last_of("/\\");
  if (slash != absl::string_view::npos) file_name.remove_prefix(slash + 1);
  const bool is_utf8 = data::IsUtf8(file_name);
  std::string name(CutUtf8(file_name, kNameBytesMax));
  for (char& c : name) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_utf8)) c = '_';
  }
  return name.empty() ? std::string(fallback) : name;
}

}  // namespace caviar::datasets
