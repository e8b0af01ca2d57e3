// The figures that the README promises of the quickstart's search.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/e2e/process.h"
#include "tests/e2e/scratch_directory.h"

namespace caviar::e2e {
namespace {

TEST(QuickstartTest, LettersReachNinetySevenPercentAndTheTestPartAgrees) {
  const ScratchDirectory directory;
  const Finished run = RunToEnd({"caviar", "run", CAVIAR_SOURCE_DIR "/deploy/quickstart.yaml",
                                 "--dir", directory / "run", "--output", "json"},
                                600);
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto board = nlohmann::json::parse(run.output);
  EXPECT_LE(board.at("entries").size(), 40u);
  const double best = board.at("entries")[0].at("value");
  EXPECT_GE(best, 0.970);
  EXPECT_LE(std::abs(best - board.at("test").at("accuracy").get<double>()), 0.015);
}

}  // namespace
}  // namespace caviar::e2e
