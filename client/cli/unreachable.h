// gRPC's words for a coordinator that is not there, as a person needs them.
//
// Threads: a pure function.
#ifndef CAVIAR_CLIENT_CLI_UNREACHABLE_H_
#define CAVIAR_CLIENT_CLI_UNREACHABLE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"

namespace caviar::cli {

// Why no coordinator has answered: "connection refused", "no such host", "what listens there is no
// coordinator". Nothing where `answer` is a coordinator's own.
std::optional<std::string> WhyUnreachable(const absl::Status& answer);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_UNREACHABLE_H_
