// Commands that only read, as leaderboard and watch: what they print, where, and how they end.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "tests/client/cli/commands_fixture.h"

namespace caviar::cli {
namespace {

TEST_F(CommandsTest, LooksForTheFolderOfAModelBeforeItDownloads) {
  const Result result = At({"model", "letters", "--output-file", "/nonexistent/m.safetensors"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "caviar: --output-file: cannot write into the folder /nonexistent of "
            "/nonexistent/m.safetensors; create it, or give another\n");
}

TEST_F(CommandsTest, ReadingCommandsPrintTableJsonAndCsv) {
  v1::LeaderboardEntry entry;
  entry.set_rank(1);
  entry.set_trial(7);
  entry.set_value(0.5);
  entry.set_state(v1::Trial::COMPLETED);
  entry.set_worker("=cmd()");
  service_.leaderboard = {entry, entry, entry};
  EXPECT_TRUE(absl::StrContains(At({"leaderboard", "3"}).out, "\n   1      7    0.5  completed"));
  const Result json = At({"leaderboard", "3", "--output", "json", "--top", "2"});
  EXPECT_TRUE(absl::StrContains(json.out, "\"state\": \"COMPLETED\"")) << json.out;
  EXPECT_TRUE(absl::StrContains(json.out, "\"job\": {")) << json.out;
  const Result csv = At({"leaderboard", "3", "--output", "csv"});
  EXPECT_EQ(csv.out,
            "rank,trial,value,state,epochs,seconds,worker\r\n1,7,0.5,completed,0,0,'=cmd()\r\n"
            "1,7,0.5,completed,0,0,'=cmd()\r\n1,7,0.5,completed,0,0,'=cmd()\r\n");
  EXPECT_EQ(At({"leaderboard", "3", "--output", "xml"}).exit_code, 2);
}

TEST_F(CommandsTest, LeaderboardSaysWhatItLeavesOut) {
  service_.leaderboard.resize(3);
  service_.job.mutable_trials()->set_created(3);
  EXPECT_TRUE(absl::StrContains(At({"leaderboard", "3", "--top", "2"}).out,
                                "\n(2 of 3 trials; --top 3 shows all)\n"));
  EXPECT_TRUE(
      absl::StrContains(At({"leaderboard", "3", "--top", "2", "--filter", "epochs > 1"}).out,
                        "\n(the first 2 trials that match; --top 3 shows all)\n"));
  EXPECT_FALSE(absl::StrContains(At({"leaderboard", "3"}).out, "--top"));
}

TEST_F(CommandsTest, ImportanceSaysByWhichMethodAndOfHowManyTrials) {
  service_.importance.set_job(3);
  service_.importance.set_trials(40);
  v1::ParameterImportance& first = *service_.importance.add_parameters();
  first.set_name("learning_rate");
  first.set_importance(0.75);
  v1::ParameterImportance& second = *service_.importance.add_parameters();
  second.set_name("units");
  second.set_importance(0.25);
  EXPECT_EQ(At({"importance", "letters"}).out,
            "PED-ANOVA over 40 completed trials of job 3\n\n"
            "parameter      importance\n"
            "learning_rate       0.750\n"
            "units               0.250\n");
  EXPECT_EQ(service_.calls.back(), "GetImportance letters");
  EXPECT_EQ(At({"importance", "letters", "--output", "csv"}).out,
            "parameter,importance\r\nlearning_rate,0.75\r\nunits,0.25\r\n");

  first.set_deviation(0.0625);
  service_.importance.set_explained(0.832);
  EXPECT_EQ(At({"importance", "letters", "--method", "fanova"}).out,
            "fANOVA over 40 completed trials of job 3\n\n"
            "parameter      importance  deviation\n"
            "learning_rate       0.750      0.062\n"
            "units               0.250\n\n"
            "single parameters explain 83 % of the variance; the rest is several together, and "
            "noise\n");
  const Result json = At({"importance", "letters", "--method", "fanova", "--output", "json"});
  EXPECT_TRUE(absl::StrContains(json.out, "\"method\": \"FANOVA\"")) << json.out;
  EXPECT_TRUE(absl::StrContains(json.out, "\"explained\": 0.832")) << json.out;
}

TEST_F(CommandsTest, LeaderboardNamesTheTrialThatWasTested) {
  service_.job.set_best_trial(7);
  service_.test.set_accuracy(0.5);
  EXPECT_TRUE(absl::StrContains(At({"leaderboard", "3", "--filter", "trial = 1"}).out,
                                "best model (trial 7) on the test part: accuracy 0.5"));
}

TEST_F(CommandsTest, SaysThatNoTrialMatches) {
  const std::string sentence = "no trial matches the filter\n";
  EXPECT_TRUE(absl::StrContains(At({"leaderboard", "3", "--filter", "epochs > 9"}).out, sentence));
  EXPECT_EQ(At({"trials", "3", "--filter", "epochs > 9"}).out, sentence);
  EXPECT_EQ(At({"trials", "3"}).out, "no trial yet\n");
}

TEST_F(CommandsTest, WatchPrintsJsonLinesAloneOnStdout) {
  for (int i = 1; i <= 3; ++i) {
    v1::JobUpdate update;
    update.mutable_trial()->set_number(i);
    service_.updates.push_back(update);
  }
  service_.updates_a_stream = 2;
  const Result result = At({"watch", "3", "--output", "json"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(absl::StartsWith(lines[2], "{\"trial\":{\"number\":3,"));
  EXPECT_TRUE(absl::EndsWith(lines[2], "\"cursor\":\"3\"}"));
}

TEST_F(CommandsTest, WatchEndsWith3WhenTheJobFailed) {
  service_.job.set_state(v1::Job::FAILED);
  service_.job.set_reason("every trial was infeasible: loss is NaN");
  const Result result = At({"watch", "3"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.err,
            "caviar: job 3 (letters) failed: every trial was infeasible: loss is NaN\n");
  EXPECT_EQ(result.out, "") << "one end, told once";
}

// The server tells of the trials that have ended before it tells of their job.
TEST_F(CommandsTest, WatchSaysValueCountAndBestOfTrialsThatEndedBefore) {
  service_.job.mutable_spec()->mutable_objective()->set_metric("validation_accuracy");
  service_.job.set_best_trial(1);
  service_.job.set_best_value(0.75);
  v1::Trial& trial = *service_.updates.emplace_back().mutable_trial();
  trial.set_number(1);
  trial.set_state(v1::Trial::COMPLETED);
  trial.set_value(0.75);
  trial.set_best_epoch(4);
  const Result result = At({"watch", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(absl::StartsWith(
      result.out,
      "trial 1 completed  validation_accuracy 0.75 at epoch 4  1/40  best 0.75 (trial 1)\n"))
      << result.out;
}

TEST_F(CommandsTest, AnAnswerThatDoesNotArriveIsExitCode1) {
  for (const char* format : {"table", "json", "csv"}) {
    std::ofstream full("/dev/full");
    std::ostringstream err;
    Console console{full, err};
    EXPECT_EQ(RunCaviar({"leaderboard", "3", "--output", format, "--server", service_.address()},
                        "1.2.3", console),
              1);
    EXPECT_TRUE(absl::StrContains(err.str(), "cannot write the answer")) << err.str();
  }
}

TEST_F(CommandsTest, ServerErrorsAreOneLineAndAnExitCode) {
  service_.failure = grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no job 9");
  Result result = At({"show", "9"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "caviar: there is no job 9\n");
  service_.failure = grpc::Status(grpc::StatusCode::INTERNAL, "disk");
  EXPECT_EQ(At({"show", "9"}).exit_code, 1);
}

TEST(CommandsWithoutServerTest, ExitCode4SaysWhereItLooked) {
  const Result result = Caviar({"jobs", "--server", "127.0.0.1:1"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_TRUE(absl::StrContains(result.err, "127.0.0.1:1")) << result.err;
}

}  // namespace
}  // namespace caviar::cli
