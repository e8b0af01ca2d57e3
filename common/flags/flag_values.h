// What a flag's value may be, checked while the command line is read, with an error that says what
// is allowed: CLI11's own checks do not.
//
// Included by the files that use CLI11 only.
#ifndef CAVIAR_COMMON_FLAGS_FLAG_VALUES_H_
#define CAVIAR_COMMON_FLAGS_FLAG_VALUES_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace caviar {

// A whole number in [min, max]: `must be at least 1, got 0`.
CLI::Validator WholeNumber(int64_t min, int64_t max);

// One of these words: `must be table, json or csv, got "xml"`. Requires: two words or more.
CLI::Validator OneOf(const std::vector<std::string>& words);

// Adds a flag whose value is a time span, with `value` as its default: `must be a duration of at
// least 10ms such as 500ms, 30s or 2m, got "x"`. `value` outlives the parsing.
void AddDurationFlag(CLI::App& app, const std::string& name, absl::Duration min,
                     const std::string& description, absl::Duration& value);

}  // namespace caviar

#endif  // CAVIAR_COMMON_FLAGS_FLAG_VALUES_H_
