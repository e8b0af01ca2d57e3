#include "client/job_file/walker.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/job_file/duration.h"
#include "client/job_file/message_shapes.h"
#include "common/hyperparameters/edit_distance.h"
#include "common/status/check.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::job_file {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::ListValue;
using ::google::protobuf::Message;
using ::google::protobuf::OneofDescriptor;
using ::google::protobuf::Reflection;
using ::google::protobuf::Struct;
using ::google::protobuf::Value;
using Kind = YamlNode::Kind;

// "; did you mean epochs?", or what there is when nothing is near.
std::string Suggestion(absl::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(absl::AsciiStrToLower(name), known);
  if (!nearest.empty()) return absl::StrCat("; did you mean ", nearest, "?");
  return known.empty() ? "" : absl::StrCat("; use ", absl::StrJoin(known, ", "));
}

class Walker {
 public:
  explicit Walker(Problems& problems) : problems_(problems) {}

  void FillMessage(const YamlNode& node, Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    if (&type == Struct::descriptor()) {
      return FillStruct(node, static_cast<Struct&>(message));
    }
    if (&type == Value::descriptor()) return FillValue(node, static_cast<Value&>(message));
    if (&type == ListValue::descriptor()) {
      return FillList(node, static_cast<ListValue&>(message));
    }
    if (&type == google::protobuf::Duration::descriptor()) {
      return FillDuration(node, static_cast<google::protobuf::Duration&>(message));
    }
    if (IsMinMax(type) && node.kind == Kind::kSequence) return FillMinMax(node, message);
    const OneofDescriptor* choice = OnlyOneof(type);
    if (choice != nullptr && node.kind == Kind::kScalar) return Choose(node, *choice, message);
    if (node.kind != Kind::kMap) {
      return Problem(node, absl::StrCat("must be ", ExpectedShape(type), ", got ", Shown(node)));
    }
    FillFields(node, message);
  }

 private:
  void Problem(const YamlNode& node, absl::string_view what) {
    problems_.Add(node.line, path_, what);
  }

  // Runs `visit` with `step` added to the path.
  template <typename Visit>
  void At(absl::string_view step, const Visit& visit) {
    const size_t length = path_.size();
    if (!path_.empty() && !absl::StartsWith(step, "[")) path_ += '.';
    absl::StrAppend(&path_, step);
    visit();
    path_.resize(length);
  }
  template <typename Visit>
  void AtIndex(size_t index, const Visit& visit) {
    At(absl::StrCat("[", index, "]"), visit);
  }

  void FillFields(const YamlNode& map, Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    for (size_t i = 0; i < map.items.size(); ++i) {
      const YamlNode& value = map.items[i];
      At(map.keys[i], [&] {
        const FieldDescriptor* field = type.FindFieldByName(map.keys[i]);
        if (field == nullptr) {
          return Problem(value,
                         absl::StrCat("unknown field", Suggestion(map.keys[i], FieldNames(type))));
        }
        if (!HasRival(value, *field, message)) FillField(value, *field, message);
      });
    }
    if (!IsMinMax(type)) return;
    for (const std::string& bound : FieldNames(type)) {
      if (std::find(map.keys.begin(), map.keys.end(), bound) == map.keys.end()) {
        Problem(map, absl::StrCat(bound, " is missing; both min and max are needed"));
      }
    }
  }

  bool HasRival(const YamlNode& node, const FieldDescriptor& field, const Message& message) {
    const OneofDescriptor* oneof = field.real_containing_oneof();
    if (oneof == nullptr || !message.GetReflection()->HasOneof(message, oneof)) return false;
    const FieldDescriptor* first = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
    Problem(node, absl::StrCat("only one of ", absl::StrJoin(MemberNames(*oneof), ", "),
                               " may be given, and ", first->name(), " is"));
    return true;
  }

  void FillField(const YamlNode& node, const FieldDescriptor& field, Message& message) {
    const Reflection& reflection = *message.GetReflection();
    if (node.kind == Kind::kNull) return FillNothing(node, field, message);
    if (field.is_map()) {
      FillMap(node, field, message);
    } else if (field.is_repeated()) {
      FillRepeated(node, field, message);
    } else if (field.message_type() != nullptr) {
      FillMessage(node, *reflection.MutableMessage(&message, &field));
    } else {
      FillScalar(node, field, message);
    }
  }

  void FillNothing(const YamlNode& node, const FieldDescriptor& field, Message& message) {
    if (field.message_type() == nullptr || field.is_repeated()) return;
    if (field.message_type() == Value::descriptor()) {  // nothing is a value there
      return FillMessage(node, *message.GetReflection()->MutableMessage(&message, &field));
    }
    if (field.real_containing_oneof() == nullptr) return;
    if (IsValueMessage(*field.message_type())) {
      return Problem(
          node, absl::StrCat("must be ", IsMinMax(*field.message_type()) ? "[min, max]" : "a list",
                             ", got nothing"));
    }
    message.GetReflection()->MutableMessage(&message, &field);
  }

  void FillMap(const YamlNode& node, const FieldDescriptor& field, Message& message) {
    if (node.kind != Kind::kMap) {
      return Problem(node, absl::StrCat("must be a map of names, got ", Shown(node)));
    }
    const FieldDescriptor& key = *field.message_type()->map_key();
    CAVIAR_CHECK(key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) << field.full_name();
    for (size_t i = 0; i < node.items.size(); ++i) {
      Message& entry = *message.GetReflection()->AddMessage(&message, &field);
      entry.GetReflection()->SetString(&entry, &key, node.keys[i]);
      At(node.keys[i],
         [&] { FillField(node.items[i], *field.message_type()->map_value(), entry); });
    }
  }

  void FillRepeated(const YamlNode& node, const FieldDescriptor& field, Message& message) {
    const bool of_messages = field.message_type() != nullptr;
    if (node.kind == Kind::kScalar && !of_messages) return FillScalar(node, field, message);
    if (node.kind != Kind::kSequence) {
      return Problem(node, absl::StrCat("must be a list, got ", Shown(node)));
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      AtIndex(i, [&] {
        if (of_messages) {
          FillMessage(node.items[i], *message.GetReflection()->AddMessage(&message, &field));
        } else {
          FillScalar(node.items[i], field, message);
        }
      });
    }
  }

  void FillMinMax(const YamlNode& node, Message& message) {
    if (node.items.size() != 2) {
      return Problem(node, absl::StrCat("must be [min, max], got a list of ", node.items.size()));
    }
    for (size_t i = 0; i < 2; ++i) {
      AtIndex(i, [&] {
        const char* bound = i == 0 ? "min" : "max";
        FillScalar(node.items[i], *message.GetDescriptor()->FindFieldByName(bound), message);
      });
    }
  }

  void Choose(const YamlNode& node, const OneofDescriptor& choice, Message& message) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(node.text);
    if (field == nullptr) {
      return Problem(node, absl::StrCat("must be one of ", absl::StrJoin(MemberNames(choice), ", "),
                                        ", got ", Shown(node)));
    }
    FillNothing(node, *field, message);
  }

  void FillStruct(const YamlNode& node, Struct& result) {
    if (node.kind == Kind::kNull) return;
    if (node.kind != Kind::kMap) {
      return Problem(node, absl::StrCat("must be a map of names and values, got ", Shown(node)));
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      At(node.keys[i], [&] { FillValue(node.items[i], (*result.mutable_fields())[node.keys[i]]); });
    }
  }

  void FillList(const YamlNode& node, ListValue& list) {
    if (node.kind == Kind::kScalar) return FillValue(node, *list.add_values());
    if (node.kind != Kind::kSequence) {
      return Problem(node, absl::StrCat("must be a list, got ", Shown(node)));
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      AtIndex(i, [&] { FillValue(node.items[i], *list.add_values()); });
    }
  }

  void FillValue(const YamlNode& node, Value& value) {
    switch (node.kind) {
      case Kind::kNull:
        value.set_null_value(google::protobuf::NULL_VALUE);
        return;
      case Kind::kSequence:
        return FillList(node, *value.mutable_list_value());
      case Kind::kMap:
        return FillStruct(node, *value.mutable_struct_value());
      case Kind::kScalar:
        break;
    }
    if (const std::optional<bool> word = AsBool(node)) {
      value.set_bool_value(*word);
    } else if (AsNumber(node).has_value()) {
      if (const std::optional<double> number = FiniteNumber(node)) value.set_number_value(*number);
    } else {
      value.set_string_value(node.text);
    }
  }

  void FillDuration(const YamlNode& node, google::protobuf::Duration& result) {
    if (node.kind != Kind::kScalar) {
      return Problem(
          node, absl::StrCat("must be a duration such as 45s, 30m or 1h30m, got ", Shown(node)));
    }
    const absl::StatusOr<absl::Duration> duration = ParseDuration(node.text);
    if (!duration.ok()) return Problem(node, duration.status().message());
    absl::Duration rest;
    result.set_seconds(absl::IDivDuration(*duration, absl::Seconds(1), &rest));
    result.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  }

  // Reports and yields nothing when the node is no finite number.
  std::optional<double> FiniteNumber(const YamlNode& node) {
    const std::optional<double> number = AsNumber(node);
    if (number.has_value() && std::isfinite(*number)) return number;
    Problem(node, absl::StrCat("must be a ", number.has_value() ? "finite " : "", "number, got ",
                               Shown(node)));
    return std::nullopt;
  }

  template <typename Integer>
  std::optional<Integer> Whole(const YamlNode& node) {
    constexpr double kMin = std::numeric_limits<Integer>::min();
    constexpr double kMax = std::numeric_limits<Integer>::max();
    const std::optional<double> number = AsNumber(node);
    if (number.has_value() && *number == std::floor(*number) && *number >= kMin &&
        *number <= kMax) {
      return static_cast<Integer>(*number);
    }
    const bool out_of_range = number.has_value() && *number == std::floor(*number);
    Problem(node, absl::StrCat("must be a whole number",
                               out_of_range ? absl::StrCat(" from ", static_cast<int64_t>(kMin),
                                                           " to ", static_cast<int64_t>(kMax))
                                            : "",
                               ", got ", Shown(node)));
    return std::nullopt;
  }

  // A word of the enum, in either case: people write it small, JSON of jobs has it large.
  std::optional<int> Word(const YamlNode& node, const EnumDescriptor& type) {
    const std::vector<std::string> words = Words(type);
    const std::string word =
        node.kind == Kind::kScalar ? absl::AsciiStrToLower(node.text) : std::string();
    if (std::find(words.begin(), words.end(), word) != words.end()) {
      return type.FindValueByName(absl::AsciiStrToUpper(word))->number();
    }
    const std::string nearest = word.empty() ? "" : NearestName(word, words);
    Problem(node,
            absl::StrCat("must be one of ", absl::StrJoin(words, ", "), ", got ", Shown(node),
                         nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
    return std::nullopt;
  }

  // Sets a singular field, adds to a repeated one.
  void FillScalar(const YamlNode& node, const FieldDescriptor& field, Message& message) {
    const Reflection& reflection = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (node.kind != Kind::kScalar) {
          return Problem(node, absl::StrCat("must be text, got ", Shown(node)));
        }
        return add ? reflection.AddString(&message, &field, node.text)
                   : reflection.SetString(&message, &field, node.text);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (const auto number = FiniteNumber(node)) {
          add ? reflection.AddDouble(&message, &field, *number)
              : reflection.SetDouble(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        if (const auto number = Whole<int32_t>(node)) {
          add ? reflection.AddInt32(&message, &field, *number)
              : reflection.SetInt32(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (const auto number = Whole<uint32_t>(node)) {
          add ? reflection.AddUInt32(&message, &field, *number)
              : reflection.SetUInt32(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_BOOL: {
        const std::optional<bool> word = AsBool(node);
        if (!word.has_value()) {
          return Problem(node, absl::StrCat("must be true or false, got ", Shown(node)));
        }
        return add ? reflection.AddBool(&message, &field, *word)
                   : reflection.SetBool(&message, &field, *word);
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        if (const auto word = Word(node, *field.enum_type())) {
          add ? reflection.AddEnumValue(&message, &field, *word)
              : reflection.SetEnumValue(&message, &field, *word);
        }
        return;
      default:
        CAVIAR_CHECK(false) << field.full_name() << " is of a kind that no job file has";
    }
  }

  Problems& problems_;
  std::string path_;
};

}  // namespace

void FillMessage(const YamlNode& root, Message& message, Problems& problems) {
  if (root.kind == Kind::kNull) return;
  Walker(problems).FillMessage(root, message);
}

}  // namespace caviar::job_file
