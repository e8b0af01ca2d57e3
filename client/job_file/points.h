// Points of hyperparameters as people and programs write them, without their meaning being checked.
//
//   learning_rate=0.01,optimizer=adam      names and values; a value is a YAML scalar
//   {learning_rate: 0.01, optimizer: adam} YAML, hence JSON too
//
// Threads: thread-safe.
// Errors:  kInvalidArgument with one line a problem, as in job_file.h.
#ifndef CAVIAR_CLIENT_JOB_FILE_POINTS_H_
#define CAVIAR_CLIENT_JOB_FILE_POINTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::job_file {

// One point; `source` names it in messages.
absl::StatusOr<google::protobuf::Struct> ParsePoint(absl::string_view text,
                                                    const std::string& source);

// A list of points, or a single one, as YAML.
absl::StatusOr<std::vector<google::protobuf::Struct>> ParsePoints(absl::string_view text,
                                                                  const std::string& source);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_POINTS_H_
