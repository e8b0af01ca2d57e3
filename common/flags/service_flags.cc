#include "common/flags/service_flags.h"

#include <iostream>

#include "common/flags/usage_error.h"

namespace caviar {
namespace {

constexpr int kUsageError = 2;

}  // namespace

bool ParseServiceFlags(CLI::App& app, int argc, char** argv, int& exit_code) {
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::Success& asked) {
    exit_code = app.exit(asked);
  } catch (const CLI::ParseError& error) {
    RefuseFlags(app, UsageErrorText(error, app), exit_code);
  }
  return false;
}

void RefuseFlags(const CLI::App& app, absl::string_view problem, int& exit_code) {
  std::cerr << app.get_name() << ": " << problem << "\n";
  exit_code = kUsageError;
}

}  // namespace caviar
