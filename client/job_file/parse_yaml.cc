#include "client/job_file/parse_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace caviar::job_file {
namespace {

int LineOf(const YAML::Mark& mark) { return mark.line + 1; }

// Builds the tree from the parser's events, so that every bound holds while it grows.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Problems& problems) : problems_(problems) {}

  YamlNode TakeRoot() { return std::move(root_); }
  bool gave_up() const { return gave_up_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.line = LineOf(mark);
    Place(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.line = LineOf(mark);
    node.text = value;
    // yaml-cpp tags plain scalars "?" and quoted ones "!".
    node.is_plain = tag == "?" || absl::EndsWith(tag, ":int") || absl::EndsWith(tag, ":float") ||
                    absl::EndsWith(tag, ":bool");
    Place(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return GiveUp(LineOf(mark), "an alias that contains itself");
    nodes_ += found->second.nodes - 1;  // Place() counts one
    if (DepthOf(found->second.node) + static_cast<int>(open_.size()) > kDepthMax) {
      return GiveUp(LineOf(mark), absl::StrCat("nested deeper than ", kDepthMax, " levels"));
    }
    YamlNode copy;
    if (nodes_ <= kNodesMax) copy = found->second.node;
    copy.line = LineOf(mark);
    Place(std::move(copy), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kSequence, mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

 private:
  // A list or map whose end has not come yet.
  struct OpenNode {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    int nodes_before = 0;
    // Maps: the key that waits for its value.
    std::optional<YamlNode> key;
    absl::flat_hash_map<std::string, int> key_lines;
    std::vector<YamlNode> merges;
  };
  struct Anchored {
    YamlNode node;
    int nodes = 0;
  };

  void GiveUp(int line, absl::string_view why) {
    if (!gave_up_) problems_.Add(line, "", why);
    gave_up_ = true;
  }

  static int DepthOf(const YamlNode& node) {
    int depth = 0;
    for (const YamlNode& item : node.items) depth = std::max(depth, DepthOf(item));
    return depth + 1;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (gave_up_) return;
    if (open_.size() >= kDepthMax) {
      return GiveUp(LineOf(mark), absl::StrCat("nested deeper than ", kDepthMax, " levels"));
    }
    OpenNode open;
    open.node.kind = kind;
    open.node.line = LineOf(mark);
    open.anchor = anchor;
    open.nodes_before = nodes_;
    open_.push_back(std::move(open));
  }

  void Close() {
    if (gave_up_) return;
    OpenNode done = std::move(open_.back());
    open_.pop_back();
    for (const YamlNode& merge : done.merges) Merge(merge, done.node);
    Place(std::move(done.node), done.anchor, done.nodes_before);
  }

  // Puts a finished node where the events say it belongs.
  void Place(YamlNode node, YAML::anchor_t anchor, std::optional<int> nodes_before = {}) {
    if (gave_up_) return;
    const int before = nodes_before.value_or(nodes_);
    if (++nodes_ > kNodesMax) {
      return GiveUp(node.line, absl::StrCat("more than ", kNodesMax, " values"));
    }
    if (anchor != 0) anchors_[anchor] = {node, nodes_ - before};
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == YamlNode::Kind::kSequence) {
      open_.back().node.items.push_back(std::move(node));
    } else if (!open_.back().key.has_value()) {
      open_.back().key = std::move(node);
    } else {
      PlaceValue(open_.back(), std::move(node));
    }
  }

  void PlaceValue(OpenNode& map, YamlNode value) {
    const YamlNode key = *std::exchange(map.key, std::nullopt);
    if (key.kind != YamlNode::Kind::kScalar) {
      return problems_.Add(key.line, Path(), absl::StrCat("a name is needed, got ", Shown(key)));
    }
    if (key.is_plain && key.text == "<<") {
      map.merges.push_back(std::move(value));
      return;
    }
    const auto [first, is_new] = map.key_lines.emplace(key.text, key.line);
    if (!is_new) {
      const std::string path = Path();
      return problems_.Add(key.line, absl::StrCat(path, path.empty() ? "" : ".", key.text),
                           absl::StrCat("given twice, first on line ", first->second));
    }
    value.line = key.line;
    map.node.Insert(key.text) = std::move(value);
  }

  // Own keys win over merged ones, earlier merges over later ones.
  void Merge(const YamlNode& from, YamlNode& into) {
    if (from.kind == YamlNode::Kind::kSequence) {
      for (const YamlNode& item : from.items) Merge(item, into);
      return;
    }
    if (from.kind != YamlNode::Kind::kMap) {
      return problems_.Add(from.line, Path(),
                           absl::StrCat("<< needs a map or a list of maps, got ", Shown(from)));
    }
    for (size_t i = 0; i < from.items.size(); ++i) {
      if (into.Find(from.keys[i]) == nullptr) into.Insert(from.keys[i]) = from.items[i];
    }
  }

  // Where the innermost open node is.
  std::string Path() const {
    std::string path;
    for (size_t i = 0; i + 1 < open_.size(); ++i) {
      if (open_[i].node.kind == YamlNode::Kind::kSequence) {
        absl::StrAppend(&path, "[", open_[i].node.items.size(), "]");
      } else if (open_[i].key.has_value()) {
        absl::StrAppend(&path, path.empty() ? "" : ".", open_[i].key->text);
      }
    }
    return path;
  }

  Problems& problems_;
  YamlNode root_;
  std::vector<OpenNode> open_;
  absl::flat_hash_map<YAML::anchor_t, Anchored> anchors_;
  int nodes_ = 0;
  bool gave_up_ = false;
};

bool IsText(absl::string_view text, Problems& problems) {
  if (text.size() > kTextBytesMax) {
    problems.Add(1, "", absl::StrCat("more than ", kTextBytesMax, " bytes is no job file"));
    return false;
  }
  const size_t bad = std::min(FindInvalidUtf8(text), text.find('\0'));
  if (bad == absl::string_view::npos) return true;
  int line = 1;
  for (const char c : text.substr(0, bad)) line += c == '\n';
  problems.Add(line, "", absl::StrCat("not UTF-8 text (byte ", bad, " of the file)"));
  return false;
}

}  // namespace

YamlNode ParseYaml(absl::string_view text, Problems& problems) {
  if (!IsText(text, problems)) return {};
  TreeBuilder builder(problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder second(problems);
    if (!builder.gave_up() && parser.HandleNextDocument(second)) {
      problems.Add(1, "", "more than one document (---) in the file");
    }
  } catch (const YAML::Exception& error) {
    const std::string place =
        error.mark.is_null() ? "" : absl::StrCat("column ", error.mark.column + 1, ": ");
    problems.Add(error.mark.is_null() ? 1 : LineOf(error.mark), "",
                 absl::StrCat(place, "not valid YAML: ", error.msg));
    return {};
  } catch (const std::exception& error) {  // std::bad_alloc, std::length_error …
    problems.Add(1, "", absl::StrCat("not valid YAML: ", error.what()));
    return {};
  }
  return builder.TakeRoot();
}

}  // namespace caviar::job_file
