// The command line of a service: a program of flags alone, without commands.
//
// Included by the files that use CLI11 only.
//
// Threads: main()'s; they print.
#ifndef CAVIAR_COMMON_FLAGS_SERVICE_FLAGS_H_
#define CAVIAR_COMMON_FLAGS_SERVICE_FLAGS_H_

#include <CLI/CLI.hpp>

#include "absl/strings/string_view.h"

namespace caviar {

// False if it ends the program, with `exit_code`: what was asked for (--help, --version) is on
// stdout, or what was wrong on stderr.
bool ParseServiceFlags(CLI::App& app, int argc, char** argv, int& exit_code);

// Says what is wrong with the flags' values, `caviar-worker: --slots …`; `exit_code` is that of a
// usage error.
void RefuseFlags(const CLI::App& app, absl::string_view problem, int& exit_code);

}  // namespace caviar

#endif  // CAVIAR_COMMON_FLAGS_SERVICE_FLAGS_H_
