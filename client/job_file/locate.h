// Finds in a job file's tree what a path of the message names, and how the file spells it.
//
// Threads: pure.
#ifndef CAVIAR_CLIENT_JOB_FILE_LOCATE_H_
#define CAVIAR_CLIENT_JOB_FILE_LOCATE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/job_file/yaml_node.h"

namespace caviar::job_file {

struct Location {
  // Of the node, or of the deepest one on the way to it that is in the file.
  int line = 0;
  // The path, with [0] and [1] for min and max where the file says [a, b].
  std::string path;
};

// `path` as in space.learning_rate.log.min or enqueue[0].dropout.
Location Locate(absl::string_view path, YamlNode& root);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_LOCATE_H_
