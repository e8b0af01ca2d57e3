// From YAML (or JSON, which is YAML) text to a tree.
//
// Bounded: an alias is expanded, so a file of "alias bombs" is refused once it would grow past
// kNodesMax; nesting ends at kDepthMax. Merge keys (`<<`) are applied; duplicate keys are reported
// and the first one kept.
//
// Threads: thread-safe.
// Errors:  into `problems`, with line and column for what is no YAML at all.
#ifndef CAVIAR_CLIENT_JOB_FILE_PARSE_YAML_H_
#define CAVIAR_CLIENT_JOB_FILE_PARSE_YAML_H_

#include "absl/strings/string_view.h"
#include "client/job_file/problems.h"
#include "client/job_file/yaml_node.h"

namespace caviar::job_file {

// A job of 10^4 enqueued points of 20 values is twice over what the coordinator takes.
inline constexpr int kNodesMax = 200'000;
// Deeper than any message of ours nests, and shallow enough for recursion.
inline constexpr int kDepthMax = 64;
// The coordinator takes messages of this size; more text than that cannot become one.
inline constexpr size_t kTextBytesMax = 1 << 20;

// An empty text is a null node.
YamlNode ParseYaml(absl::string_view text, Problems& problems);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_PARSE_YAML_H_
