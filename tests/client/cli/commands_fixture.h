// Runs whole commands, by themselves or against a coordinator that a test plays.
#ifndef CAVIAR_TESTS_CLIENT_CLI_COMMANDS_FIXTURE_H_
#define CAVIAR_TESTS_CLIENT_CLI_COMMANDS_FIXTURE_H_

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/caviar.h"
#include "tests/client/cli/fake_search_service.h"

namespace caviar::cli {

struct Result {
  int exit_code = 0;
  std::string out, err;
};

inline Result Caviar(std::vector<std::string> arguments) {
  std::ostringstream out, err;
  Console console{out, err};
  const int exit_code = RunCaviar(std::move(arguments), "1.2.3", console);
  return {exit_code, out.str(), err.str()};
}

// The coordinator has one job, 3 (letters), which is completed.
class CommandsTest : public testing::Test {
 protected:
  CommandsTest() {
    service_.job.set_id(3);
    service_.job.set_name("letters");
    service_.job.set_state(v1::Job::COMPLETED);
    service_.job.mutable_spec()->mutable_budget()->set_trials(40);
  }
  Result At(std::vector<std::string> arguments) {
    arguments.push_back("--server");
    arguments.push_back(service_.address());
    return Caviar(std::move(arguments));
  }
  std::string TempFile(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(testing::TempDir(), "commands_test_", name);
    std::ofstream(path) << text;
    return path;
  }

  FakeSearchService service_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_TESTS_CLIENT_CLI_COMMANDS_FIXTURE_H_
