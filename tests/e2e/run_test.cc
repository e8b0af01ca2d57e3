// `caviar run` as a person uses it: one command from a file to a leaderboard and a model.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/file/durable_file.h"
#include "tests/e2e/process.h"
#include "tests/e2e/scratch_directory.h"

namespace caviar::e2e {
namespace {

using Json = nlohmann::json;

constexpr char kLetters[] = CAVIAR_SOURCE_DIR "/tests/data/letter-recognition.csv.gz";
constexpr double kRunSeconds = 240;

std::vector<std::string> RunLetters(const ScratchDirectory& directory,
                                    const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"caviar",   "run",    "--data", kLetters,
                                        "--target", "Letter", "--dir",  directory / "run"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(RunTest, GivesLeaderboardTestResultAndAModelThatPredicts) {
  const ScratchDirectory directory;
  const Finished run =
      RunToEnd(RunLetters(directory, {"--trials", "3", "--epochs", "2", "--seed", "1", "--output",
                                      "json", "--model", directory / "model.safetensors"}),
               kRunSeconds);
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const Json board = Json::parse(run.output);
  EXPECT_EQ(board.at("job").at("state"), "COMPLETED");
  ASSERT_EQ(board.at("entries").size(), 3u);
  double value_before = 1;
  for (const Json& entry : board.at("entries")) {
    EXPECT_LE(entry.at("value").get<double>(), value_before);
    value_before = entry.at("value");
    EXPECT_EQ(entry.at("epochs"), 2);
    EXPECT_TRUE(entry.at("metrics").contains("test_accuracy"));
  }
  const double best = board.at("entries")[0].at("metrics").at("test_accuracy");
  EXPECT_DOUBLE_EQ(board.at("test").at("accuracy"), best);

  const std::string rows = directory.Write("rows.csv",
                                           "Letter,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n"
                                           "T,2,8,3,5,1,8,13,0,6,6,10,8,0,8,0,8\n");
  const Finished predicted =
      RunToEnd({"caviar", "predict", "--model", directory / "model.safetensors", "--data", rows,
                "--output", "csv"});
  EXPECT_EQ(predicted.exit_code, 0) << predicted.error;
  EXPECT_NE(predicted.output.find('\n'), std::string::npos);

  const std::string other = directory.Write("other.csv", "a,b\n1,2\n");
  const Finished refused =
      RunToEnd({"caviar", "predict", "--model", directory / "model.safetensors", "--data", other});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.error.find(other + ": line 1 has 2 fields"), std::string::npos)
      << refused.error;
}

TEST(RunTest, SameSeedGivesTheSameLeaderboardForAnyNumberOfWorkers) {
  std::vector<Json> boards;
  for (const char* workers : {"1", "3"}) {
    const ScratchDirectory directory;
    const Finished run = RunToEnd(
        RunLetters(directory, {"--trials", "4", "--epochs", "2", "--seed", "5", "--sampler",
                               "random", "--workers", workers, "--output", "json"}),
        kRunSeconds);
    ASSERT_EQ(run.exit_code, 0) << run.error;
    Json entries = Json::parse(run.output).at("entries");
    for (Json& entry : entries) {
      entry.erase("worker");
      entry.erase("seconds");
      entry.at("metrics").erase("seconds");
    }
    boards.push_back(entries);
  }
  EXPECT_EQ(boards[0], boards[1]);
}

TEST(RunTest, AshaFindsAModelInFewerEpochsThanFullTraining) {
  const ScratchDirectory directory;
  const Finished run =
      RunToEnd(RunLetters(directory, {"--trials", "9", "--epochs", "9", "--seed", "1", "--sampler",
                                      "random", "--set", "scheduler.asha.reduction_factor=3",
                                      "--workers", "2", "--output", "json"}),
               kRunSeconds);
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const Json board = Json::parse(run.output);
  EXPECT_EQ(board.at("job").at("state"), "COMPLETED");
  EXPECT_EQ(board.at("job").at("trials").at("created"), 9);
  EXPECT_EQ(board.at("job").at("trials").at("paused"), 0);
  EXPECT_GT(board.at("job").at("trials").at("pruned"), 0);
  EXPECT_GE(board.at("job").at("trials").at("completed"), 1);
  EXPECT_LT(board.at("job").at("epochs_done"), 9 * 9 / 2);
  // Rungs at 1, 3 and 9 epochs; a third of each goes on, a few more where later ones were better.
  const Json& rungs = board.at("job").at("rungs");
  ASSERT_EQ(rungs.size(), 3u);
  EXPECT_EQ(rungs[0].at("trials"), 9);
  EXPECT_GE(rungs[0].at("promoted"), 3);
  EXPECT_TRUE(board.contains("test")) << "the best trial has a model";
  EXPECT_TRUE(std::filesystem::exists(directory / "run/best-model.safetensors"));
}

TEST(RunTest, InterruptedRunSaysHowToContinueAndThenDoes) {
  const ScratchDirectory directory;
  Process run(RunLetters(directory,
                         {"--trials", "12", "--epochs", "3", "--seed", "2", "--sampler", "random"}),
              directory / "run.log");
  // Progress lines tell that trials have begun to end.
  std::string seen;
  while (seen.find("2/12") == std::string::npos) {
    const auto line = run.ReadLine(kRunSeconds);
    ASSERT_TRUE(line.has_value()) << seen;
    seen += *line + "\n";
  }
  run.Signal(SIGINT);
  seen += run.ReadAll(60);
  EXPECT_EQ(run.Wait(60), 130);
  seen += ReadFile(directory / "run.log").value_or("");
  EXPECT_NE(seen.find("--resume --dir"), std::string::npos) << seen;

  const Finished resumed = RunToEnd(
      {"caviar", "run", "--resume", "--dir", directory / "run", "--output", "json"}, kRunSeconds);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_EQ(Json::parse(resumed.output).at("entries").size(), 12u);
}

TEST(RunTest, BadInputExitsWithTwoAndOneClearMessage) {
  const ScratchDirectory directory;
  const auto fails = [&](const std::vector<std::string>& arguments, const std::string& wanted) {
    const Finished run = RunToEnd(arguments, 60);
    EXPECT_EQ(run.exit_code, 2) << run.error;
    EXPECT_NE(run.error.find(wanted), std::string::npos) << run.error;
  };
  fails({"caviar", "run", "--data", directory / "none.csv", "--target", "x", "--dir",
         directory / "a"},
        "none.csv");
  fails({"caviar", "run", "--data", kLetters, "--target", "Lettr", "--dir", directory / "b"},
        "Letter");
  fails(RunLetters(directory, {"--set", "budget.trails=3"}), "trials");
  fails(RunLetters(directory, {"--set", "fixed.learning_rate=-1"}), "learning_rate");
  fails({"caviar", "nonsense"}, "nonsense");
}

TEST(RunTest, NobodyListeningExitsWithFour) {
  const Finished jobs = RunToEnd({"caviar", "jobs", "--server", "127.0.0.1:1"}, 60);
  EXPECT_EQ(jobs.exit_code, 4);
  EXPECT_NE(jobs.error.find("127.0.0.1:1"), std::string::npos);
}

TEST(RunTest, EveryTrialInfeasibleExitsWithThree) {
  const ScratchDirectory directory;
  const Finished run =
      RunToEnd(RunLetters(directory, {"--trials", "2", "--epochs", "2", "--set",
                                      "fixed={learning_rate: 1000, optimizer: gradient_descent, "
                                      "batch_norm: false, activation: relu}",
                                      "--set", "space={hidden_units: {int: [64, 128]}}"}),
               kRunSeconds);
  EXPECT_EQ(run.exit_code, 3) << run.output << run.error;
}

}  // namespace
}  // namespace caviar::e2e
