// From a YAML tree to a protobuf message, led by the message's descriptor: the one place that knows
// how YAML writes each kind of field, and no place that knows any field by name.
//
//   message          map of its field names
//   {min, max}       also [min, max]; both are needed
//   one of messages  `zoom` for {zoom: {}}; two of them at once are a problem
//   map              map
//   repeated scalar  list, or a single scalar for a list of one
//   enum             its words in lower case
//   Duration         30m, 1h30m (duration.h)
//   Struct, Value    any YAML; quoted scalars stay words
//   ListValue        list, or a single scalar for a list of one
//   nothing          as if the field were not there (a message of a oneof is chosen, and empty)
//
// Threads: pure.
// Errors:  into `problems`: all of them, in file order, each with line and path. Shape and type
//          only: what values mean is judged elsewhere (job_file.h).
#ifndef CAVIAR_CLIENT_JOB_FILE_WALKER_H_
#define CAVIAR_CLIENT_JOB_FILE_WALKER_H_

#include "client/job_file/problems.h"
#include "client/job_file/yaml_node.h"
#include "google/protobuf/message.h"

namespace caviar::job_file {

// Adds to `message`. Requires: fields are of the kinds that the public protos use (int32, uint32,
// double, bool, string, enum, message).
void FillMessage(const YamlNode& root, google::protobuf::Message& message, Problems& problems);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_WALKER_H_
