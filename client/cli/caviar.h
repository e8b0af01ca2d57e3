// The program `caviar` as a function, so that tests run whole commands.
#ifndef CAVIAR_CLIENT_CLI_CAVIAR_H_
#define CAVIAR_CLIENT_CLI_CAVIAR_H_

#include <string>
#include <vector>

#include "client/cli/console.h"

namespace caviar::cli {

// `arguments` without the program's name. Returns the exit code; errors are on console.err.
// `version` is what --version prints.
int RunCaviar(std::vector<std::string> arguments, const std::string& version, Console& console);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_CAVIAR_H_
