// caviar: what a person runs.
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "client/cli/caviar.h"
#include "client/cli/exit_code.h"

int main(int argc, char** argv) {
  // Commands have nothing to put in order when they are interrupted; `run`, `up` and `model` have,
  // and handle it themselves.
  std::signal(SIGINT, [](int) { _exit(caviar::cli::kInterrupted); });
  caviar::cli::Console console = caviar::cli::Console::OfProcess();
  return caviar::cli::RunCaviar(std::vector<std::string>(argv + 1, argv + argc), CAVIAR_VERSION,
                                console);
}
