// A YAML document as a plain tree: aliases expanded, merge keys applied, quoted scalars told from
// plain ones. Knows nothing of the library that parsed it.
//
// Threads: thread-compatible values.
#ifndef CAVIAR_CLIENT_JOB_FILE_YAML_NODE_H_
#define CAVIAR_CLIENT_JOB_FILE_YAML_NODE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace caviar::job_file {

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  // From 1, of the key where there is one; 0 for what came from --set.
  int line = 0;
  std::string text;               // kScalar
  bool is_plain = true;           // kScalar: unquoted, so that it may be a number or true or false
  std::vector<YamlNode> items;    // kSequence: elements; kMap: values
  std::vector<std::string> keys;  // kMap: one for each of items, unique

  // kMap: the value of `key`, or null.
  YamlNode* Find(absl::string_view key);
  // kMap: appends. Requires: the key is new.
  YamlNode& Insert(absl::string_view key);
  // kMap: nothing if there is no such key.
  void Erase(absl::string_view key);
};

// The typed readings of a plain scalar (YAML 1.2's core schema: yes and no are words). Empty for
// quoted scalars and other kinds. Numbers may be infinite or NaN: .inf, .nan, 1e999.
std::optional<double> AsNumber(const YamlNode& node);
std::optional<bool> AsBool(const YamlNode& node);

// For messages: `"abc"`, `12`, `a list`, `a map`, `nothing`.
std::string Shown(const YamlNode& node);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_YAML_NODE_H_
