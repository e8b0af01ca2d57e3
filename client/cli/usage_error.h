// What was wrong with a command line, in one line that names the nearest right word.
//
// Included by the files that use CLI11 only.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_USAGE_ERROR_H_
#define CAVIAR_CLIENT_CLI_USAGE_ERROR_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace caviar::cli {

// `there is no command "dataset improt"; did you mean import? (see caviar dataset --help)`, without
// the program's name. `app` has thrown `error`.
std::string UsageErrorText(const CLI::ParseError& error, const CLI::App& app);

// A whole number in [min, max]: `must be at least 1, got 0`. Where a flag's own type would be the
// only check, its error would not say what is allowed.
CLI::Validator WholeNumber(int64_t min, int64_t max);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_USAGE_ERROR_H_
