// Every file of scenarios/ holds. To write down the effects of a new or changed scenario, run with
// CAVIAR_UPDATE_SCENARIOS=1 and read the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/scenario/scenario_runner.h"

namespace caviar::scenario {
namespace {

std::vector<std::string> ScenarioFiles() {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(CAVIAR_SOURCE_DIR "/tests/scenario/scenarios")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, HasExactlyTheseEffects) {
  std::ifstream file(GetParam());
  std::stringstream text;
  text << file.rdbuf();
  const absl::StatusOr<std::string> actual = RunScenario(text.str());
  ASSERT_TRUE(actual.ok()) << GetParam() << ": " << actual.status();
  if (std::getenv("CAVIAR_UPDATE_SCENARIOS") != nullptr) {
    std::ofstream(GetParam()) << *actual;
    return;
  }
  EXPECT_EQ(*actual, text.str()) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, ::testing::ValuesIn(ScenarioFiles()),
                         [](const ::testing::TestParamInfo<std::string>& info) {
                           return std::filesystem::path(info.param).stem().string();
                         });

}  // namespace
}  // namespace caviar::scenario
