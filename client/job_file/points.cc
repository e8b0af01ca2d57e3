#include "client/job_file/points.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "caviar/v1/search_service.pb.h"
#include "client/job_file/parse_yaml.h"
#include "client/job_file/problems.h"
#include "client/job_file/walker.h"
#include "client/job_file/yaml_node.h"
#include "common/status/status_macros.h"

namespace caviar::job_file {
namespace {

using google::protobuf::Struct;

// `list` is a sequence of maps.
absl::StatusOr<std::vector<Struct>> PointsOf(YamlNode list, Problems& problems) {
  YamlNode root;
  root.kind = YamlNode::Kind::kMap;
  root.Insert("points") = std::move(list);
  v1::AddTrialsRequest request;
  FillMessage(root, request, problems);
  CAVIAR_RETURN_IF_ERROR(problems.ToStatus());
  return std::vector<Struct>(request.points().begin(), request.points().end());
}

YamlNode ListOf(YamlNode point) {
  YamlNode list;
  list.kind = YamlNode::Kind::kSequence;
  list.items.push_back(std::move(point));
  return list;
}

// name=value,name=value
absl::StatusOr<YamlNode> ParsePairs(absl::string_view text, const std::string& source,
                                    Problems& problems) {
  YamlNode point;
  point.kind = YamlNode::Kind::kMap;
  for (const absl::string_view pair : absl::StrSplit(text, ',')) {
    const size_t equals = pair.find('=');
    const absl::string_view name = absl::StripAsciiWhitespace(pair.substr(0, equals));
    if (equals == absl::string_view::npos || name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(source, ": expected NAME=VALUE, got \"", pair, "\""));
    }
    if (point.Find(name) != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(source, ": names ", name, " twice"));
    }
    point.Insert(name) = ParseYaml(pair.substr(equals + 1), problems);
  }
  return point;
}

}  // namespace

absl::StatusOr<Struct> ParsePoint(absl::string_view text, const std::string& source) {
  Problems problems(source);
  const bool is_map = absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{");
  YamlNode point;
  if (is_map) {
    point = ParseYaml(text, problems);
  } else {
    CAVIAR_ASSIGN_OR_RETURN(point, ParsePairs(text, source, problems));
  }
  CAVIAR_RETURN_IF_ERROR(problems.ToStatus());
  CAVIAR_ASSIGN_OR_RETURN(const std::vector<Struct> points,
                          PointsOf(ListOf(std::move(point)), problems));
  return points.front();
}

absl::StatusOr<std::vector<Struct>> ParsePoints(absl::string_view text, const std::string& source) {
  Problems problems(source);
  YamlNode root = ParseYaml(text, problems);
  CAVIAR_RETURN_IF_ERROR(problems.ToStatus());
  if (root.kind == YamlNode::Kind::kMap) root = ListOf(std::move(root));
  if (root.kind != YamlNode::Kind::kSequence) {
    problems.Add(root.line, "",
                 absl::StrCat("expected a list of points such as [{learning_rate: 0.01}], got ",
                              Shown(root)));
    return problems.ToStatus();
  }
  return PointsOf(std::move(root), problems);
}

}  // namespace caviar::job_file
