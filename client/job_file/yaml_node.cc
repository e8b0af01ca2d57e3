#include "client/job_file/yaml_node.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/text/utf8.h"

namespace caviar::job_file {
namespace {

constexpr size_t kShownBytesMax = 60;

size_t CountDigits(absl::string_view text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
  return count;
}

// 1, 1., .5, 1.5, each with an optional exponent; the sign is gone already.
bool IsDecimal(absl::string_view text) {
  const size_t whole = CountDigits(text);
  text.remove_prefix(whole);
  size_t fraction = 0;
  if (absl::ConsumePrefix(&text, ".")) {
    fraction = CountDigits(text);
    text.remove_prefix(fraction);
  }
  if (whole + fraction == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return !text.empty() && CountDigits(text) == text.size();
}

bool IsOneOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

YamlNode* YamlNode::Find(absl::string_view key) {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[found - keys.begin()];
}

YamlNode& YamlNode::Insert(absl::string_view key) {
  keys.emplace_back(key);
  return items.emplace_back();
}

void YamlNode::Erase(absl::string_view key) {
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (found == keys.end()) return;
  items.erase(items.begin() + (found - keys.begin()));
  keys.erase(found);
}

std::optional<double> AsNumber(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || !node.is_plain) return std::nullopt;
  absl::string_view text = node.text;
  if (absl::ConsumePrefix(&text, "0x")) {
    uint32_t number = 0;
    if (!absl::SimpleHexAtoi(text, &number) || !absl::ascii_isxdigit(text[0])) return std::nullopt;
    return number;
  }
  double sign = 1;
  if (absl::ConsumePrefix(&text, "-")) {
    sign = -1;
  } else {
    absl::ConsumePrefix(&text, "+");
  }
  if (IsOneOf(text, {".inf", ".Inf", ".INF"})) {
    return sign * std::numeric_limits<double>::infinity();
  }
  if (IsOneOf(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  if (!IsDecimal(text)) return std::nullopt;
  double number = 0;
  const auto result = absl::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::result_out_of_range && number > 1) {
    number = std::numeric_limits<double>::infinity();
  }
  return sign * number;
}

std::optional<bool> AsBool(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || !node.is_plain) return std::nullopt;
  if (IsOneOf(node.text, {"true", "True", "TRUE"})) return true;
  if (IsOneOf(node.text, {"false", "False", "FALSE"})) return false;
  return std::nullopt;
}

std::string Shown(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  if (AsNumber(node).has_value() || AsBool(node).has_value()) return node.text;
  if (node.text.size() <= kShownBytesMax) return absl::StrCat("\"", node.text, "\"");
  size_t end = 0;
  while (end < kShownBytesMax) {
    const size_t bytes = FirstUtf8Character(absl::string_view(node.text).substr(end)).bytes;
    end += bytes == 0 ? 1 : bytes;
  }
  return absl::StrCat("\"", node.text.substr(0, end), "…\"");
}

}  // namespace caviar::job_file
