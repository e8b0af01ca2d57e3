#include "client/job_file/override.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/job_file/parse_yaml.h"

namespace caviar::job_file {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using Kind = YamlNode::Kind;

// One step of a path: a name, or an element of a list.
struct Step {
  std::string name;
  int index = -1;
};

// "enqueue[0].dropout" as steps; false when it is no path.
bool ParsePath(absl::string_view path, std::vector<Step>* steps) {
  for (absl::string_view part : absl::StrSplit(path, '.')) {
    const size_t bracket = std::min(part.find('['), part.size());
    if (bracket == 0) return false;
    steps->push_back({std::string(part.substr(0, bracket)), -1});
    for (part.remove_prefix(bracket); !part.empty();) {
      const size_t close = part.find(']');
      Step element;
      if (part[0] != '[' || close == absl::string_view::npos ||
          !absl::SimpleAtoi(part.substr(1, close - 1), &element.index) || element.index < 0) {
        return false;
      }
      steps->push_back(element);
      part.remove_prefix(close + 1);
    }
  }
  return steps->size() <= kDepthMax;
}

void ClearLines(YamlNode& node) {
  node.line = 0;
  for (YamlNode& item : node.items) ClearLines(item);
}

// Makes `node` a map, keeping what [min, max] and a single word say.
void BecomeMap(const Descriptor* schema, YamlNode& node) {
  if (node.kind == Kind::kMap) return;
  YamlNode map;
  map.kind = Kind::kMap;
  if (schema != nullptr && node.kind == Kind::kSequence && node.items.size() == 2 &&
      schema->field_count() == 2 && schema->FindFieldByName("min") != nullptr &&
      schema->FindFieldByName("max") != nullptr) {
    map.Insert("min") = std::move(node.items[0]);
    map.Insert("max") = std::move(node.items[1]);
  } else if (schema != nullptr && node.kind == Kind::kScalar &&
             schema->FindFieldByName(node.text) != nullptr) {
    map.Insert(node.text);
  }
  node = std::move(map);
}

// Takes away the members of a oneof that `chosen` rules out.
void EraseRivals(const FieldDescriptor& chosen, YamlNode& map) {
  const auto* oneof = chosen.real_containing_oneof();
  if (oneof == nullptr) return;
  for (int i = 0; i < oneof->field_count(); ++i) {
    if (oneof->field(i) != &chosen) map.Erase(oneof->field(i)->name());
  }
}

// Walks tree and schema side by side; the schema may end (null) inside Struct and Value.
class Descent {
 public:
  Descent(YamlNode* node, const Descriptor* schema) : node_(node), schema_(schema) {}

  YamlNode* node() { return node_; }

  void Enter(const std::string& name) {
    BecomeMap(schema_, *node_);
    const FieldDescriptor* field =
        schema_ == nullptr || inside_map_ ? nullptr : schema_->FindFieldByName(name);
    if (field != nullptr) EraseRivals(*field, *node_);
    YamlNode* child = node_->Find(name);
    node_ = child != nullptr ? child : &node_->Insert(name);
    if (inside_map_) {  // the key of a map<…>: the schema is that of its values already
      inside_map_ = false;
    } else {
      Follow(field);
    }
  }

  // False when the element is past the end of the list by more than one.
  bool Enter(int index) {
    if (node_->kind != Kind::kSequence) {
      *node_ = YamlNode();
      node_->kind = Kind::kSequence;
    }
    if (index > static_cast<int>(node_->items.size())) return false;
    if (index == static_cast<int>(node_->items.size())) node_->items.emplace_back();
    node_ = &node_->items[index];
    return true;
  }

 private:
  void Follow(const FieldDescriptor* field) {
    schema_ = field == nullptr ? nullptr : field->message_type();
    if (field != nullptr && field->is_map()) {
      schema_ = field->message_type()->map_value()->message_type();
      inside_map_ = true;
    }
    // Struct, Value and the like have fields of their own that a job file does not write.
    if (schema_ != nullptr && absl::StartsWith(schema_->full_name(), "google.protobuf.")) {
      schema_ = nullptr;
    }
  }

  YamlNode* node_;
  const Descriptor* schema_;
  bool inside_map_ = false;
};

}  // namespace

void ApplyOverride(absl::string_view override_text, const Descriptor& schema, YamlNode& root,
                   Problems& problems) {
  const size_t equals = override_text.find('=');
  std::vector<Step> steps;
  if (equals == absl::string_view::npos || !ParsePath(override_text.substr(0, equals), &steps)) {
    return problems.Add(
        0, "", absl::StrCat("\"", override_text, "\" is not PATH=VALUE, as in budget.trials=20"));
  }
  const absl::string_view path = override_text.substr(0, equals);
  Problems in_value("value");
  YamlNode value = ParseYaml(override_text.substr(equals + 1), in_value);
  if (!in_value.empty()) return problems.Add(0, path, in_value.ToStatus().message());
  ClearLines(value);

  Descent descent(&root, &schema);
  for (const Step& step : steps) {
    if (step.index < 0) {
      descent.Enter(step.name);
    } else if (!descent.Enter(step.index)) {
      return problems.Add(0, path, absl::StrCat("the list has no element [", step.index, "]"));
    }
  }
  *descent.node() = std::move(value);
}

}  // namespace caviar::job_file
