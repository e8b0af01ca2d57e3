// Numbers as text: few digits for people, all of them for programs.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_NUMBER_TEXT_H_
#define CAVIAR_CLIENT_CLI_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace caviar::cli {

// "0.97125", "1e-05", "1234": at most five significant digits.
std::string ShortNumber(double number);

// The shortest text that reads back as the same number.
std::string ExactNumber(double number);

// As a person would have typed it, and it reads back as the same number: "0.0001" where
// ExactNumber() says "1e-04".
std::string TypedNumber(double number);

// Seconds with at most three significant digits and never an exponent: "123", "12.3", "0.012",
// "<0.001".
std::string ShortSeconds(double seconds);

// Seconds to the microsecond: no clock of a training loop knows more.
std::string ExactSeconds(double seconds);

// "1 trial", "0 trials", "40 trials".
std::string Counted(int64_t count, absl::string_view noun);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_NUMBER_TEXT_H_
