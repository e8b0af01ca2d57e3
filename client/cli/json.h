// A message as JSON: snake_case names, defaults printed, enums as words.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_JSON_H_
#define CAVIAR_CLIENT_CLI_JSON_H_

#include <string>

#include "google/protobuf/message.h"

namespace caviar::cli {

// Indented, for a file or a reader; ends with a newline.
std::string ToJson(const google::protobuf::Message& message);
// One line, for a stream of messages; ends with a newline.
std::string ToJsonLine(const google::protobuf::Message& message);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_JSON_H_
