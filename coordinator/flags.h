// The command line of caviar-coordinator.
#ifndef CAVIAR_COORDINATOR_FLAGS_H_
#define CAVIAR_COORDINATOR_FLAGS_H_

#include <optional>

#include "coordinator/coordinator.h"

namespace caviar {

// Sets the log level and returns the options, on_fatal left empty. Otherwise `exit_code` says how
// to end: 0 after --help and --version, 2 after a complaint of one line on stderr.
std::optional<CoordinatorOptions> ParseFlags(int argc, char** argv, int& exit_code);

}  // namespace caviar

#endif  // CAVIAR_COORDINATOR_FLAGS_H_
