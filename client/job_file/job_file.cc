#include "client/job_file/job_file.h"

#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/job_file/locate.h"
#include "client/job_file/override.h"
#include "client/job_file/parse_yaml.h"
#include "client/job_file/problems.h"
#include "client/job_file/walker.h"
#include "client/job_file/yaml_node.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"

namespace caviar::job_file {
namespace {

// Before overrides come in, so that a path typed on the command line starts where its writer is.
void ResolvePaths(const std::string& folder, YamlNode& root) {
  if (folder.empty() || root.kind != YamlNode::Kind::kMap) return;
  YamlNode* data = root.Find("data");
  if (data == nullptr || data->kind != YamlNode::Kind::kMap) return;
  for (const char* name : {"path", "labels_path", "test_path", "test_labels_path"}) {
    YamlNode* path = data->Find(name);
    if (path == nullptr || path->kind != YamlNode::Kind::kScalar || path->text.empty()) continue;
    // operator/ keeps an absolute path as it is.
    path->text = (std::filesystem::path(folder) / path->text).lexically_normal().string();
  }
}

// A field that could not be read has a value that nobody wrote.
void AddValueProblems(const absl::Status& judgement, YamlNode& root, Problems& problems) {
  const Problems of_form = problems;
  for (const absl::string_view line :
       absl::StrSplit(judgement.message(), '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    const Location location = Locate(parts.first, root);
    if (!of_form.Concerns(location.path)) {
      problems.Add(location.line, location.path, parts.second);
    }
  }
}

}  // namespace

absl::StatusOr<v1::JobSpec> ParseJobFile(absl::string_view text, const JobFileOptions& options) {
  Problems problems(options.source);
  YamlNode root = ParseYaml(text, problems);
  // Without a tree, every override would be reported against nothing.
  if (root.kind == YamlNode::Kind::kNull) CAVIAR_RETURN_IF_ERROR(problems.ToStatus());
  ResolvePaths(options.folder, root);
  for (const std::string& override_text : options.overrides) {
    ApplyOverride(override_text, *v1::JobSpec::descriptor(), root, problems);
  }
  v1::JobSpec spec;
  FillMessage(root, spec, problems);
  if (options.amend) options.amend(spec);
  if (options.check) AddValueProblems(options.check(spec), root, problems);
  CAVIAR_RETURN_IF_ERROR(problems.ToStatus());
  return spec;
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  if (path == "-") {
    std::string text;
    char block[1 << 16];
    while (text.size() <= kTextBytesMax && std::cin.read(block, sizeof(block)).gcount() > 0) {
      text.append(block, std::cin.gcount());
    }
    return text;
  }
  std::error_code unknown_size;
  const auto bytes = std::filesystem::file_size(path, unknown_size);
  if (!unknown_size && bytes > kTextBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", bytes, " bytes is no job file; give data files with --data"));
  }
  return ReadFile(path);
}

absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path, JobFileOptions options) {
  if (path.empty()) return ParseJobFile("", options);
  CAVIAR_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  options.source = path == "-" ? "standard input" : path;
  if (path != "-") options.folder = std::filesystem::path(path).parent_path().string();
  return ParseJobFile(text, options);
}

}  // namespace caviar::job_file
