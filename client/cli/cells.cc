#include "client/cli/cells.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "client/cli/json.h"

namespace caviar::cli {
namespace {

using ::google::protobuf::Value;

constexpr size_t kDigestDigits = 12;

}  // namespace

Cell ValueCell(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return NumberCell(value.number_value());
    case Value::kStringValue:
      return TextCell(value.string_value());
    case Value::kBoolValue:
      return TextCell(value.bool_value() ? "true" : "false");
    case Value::KIND_NOT_SET:
      return TextCell("");
    default: {
      const std::string json = ToJsonLine(value);
      return TextCell(absl::StripAsciiWhitespace(json));
    }
  }
}

Cell TimeCell(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return NoCell();
  const absl::Time instant = absl::FromUnixSeconds(time.seconds());
  return {absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", instant, absl::LocalTimeZone()),
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", instant, absl::UTCTimeZone()), false};
}

Cell SecondsCell(double seconds) { return {ShortSeconds(seconds), ExactSeconds(seconds), true}; }

Cell MetricCell(const std::string& name, double value) {
  return name == "seconds" ? SecondsCell(value) : NumberCell(value);
}

Cell ShareCell(double share) { return {absl::StrFormat("%.3f", share), ExactNumber(share), true}; }

Cell DigestCell(const std::string& digest) {
  return {digest.substr(0, kDigestDigits), digest, false};
}

}  // namespace caviar::cli
