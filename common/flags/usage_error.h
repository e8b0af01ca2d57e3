// What was wrong with a command line, in one line that names the nearest right word.
//
// Included by the files that use CLI11 only.
//
// Threads: pure functions.
#ifndef CAVIAR_COMMON_FLAGS_USAGE_ERROR_H_
#define CAVIAR_COMMON_FLAGS_USAGE_ERROR_H_

#include <CLI/CLI.hpp>
#include <string>

namespace caviar {

// `there is no command "dataset improt"; did you mean import? (see caviar dataset --help)`, without
// the program's name. `app` has thrown `error`.
std::string UsageErrorText(const CLI::ParseError& error, const CLI::App& app);

}  // namespace caviar

#endif  // CAVIAR_COMMON_FLAGS_USAGE_ERROR_H_
