#include "client/cli/json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "google/protobuf/util/json_util.h"

namespace caviar::cli {
namespace {

std::string Print(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = indented;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  // Fails only on malformed Any, Timestamp and Struct, which no server of ours sends.
  CAVIAR_CHECK(status.ok()) << status.ToString();
  absl::StripTrailingAsciiWhitespace(&json);
  return absl::StrCat(json, "\n");
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) { return Print(message, true); }
std::string ToJsonLine(const google::protobuf::Message& message) { return Print(message, false); }

}  // namespace caviar::cli
