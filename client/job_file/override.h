// `--set budget.trials=20`: changes a job file's tree before it becomes a message.
//
//   PATH=VALUE   PATH is names joined by dots, elements of lists by [0]; VALUE is YAML
//
// Missing nodes are created. The schema is followed along the path, so that setting one kind of a
// oneof (sampler.grid.points) takes the other kinds away, and log.min works on `log: [1e-4, 1]`.
// An empty VALUE takes the node away: the coordinator's default applies.
//
// Threads: pure.
// Errors:  into `problems`, naming the override.
#ifndef CAVIAR_CLIENT_JOB_FILE_OVERRIDE_H_
#define CAVIAR_CLIENT_JOB_FILE_OVERRIDE_H_

#include "absl/strings/string_view.h"
#include "client/job_file/problems.h"
#include "client/job_file/yaml_node.h"
#include "google/protobuf/descriptor.h"

namespace caviar::job_file {

// `schema` is the message that `root` will become.
void ApplyOverride(absl::string_view override_text, const google::protobuf::Descriptor& schema,
                   YamlNode& root, Problems& problems);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_OVERRIDE_H_
