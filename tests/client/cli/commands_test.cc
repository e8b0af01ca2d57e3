// Whole commands against a coordinator that a test plays: what they print, where, and how they end.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/caviar.h"
#include "tests/client/cli/fake_search_service.h"

namespace caviar::cli {
namespace {

struct Result {
  int exit_code = 0;
  std::string out, err;
};

Result Caviar(std::vector<std::string> arguments) {
  std::ostringstream out, err;
  Console console{out, err};
  const int exit_code = RunCaviar(std::move(arguments), "1.2.3", console);
  return {exit_code, out.str(), err.str()};
}

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

TEST_F(CommandsTest, LooksForTheFolderOfAModelBeforeItDownloads) {
  const Result result = At({"model", "letters", "--output-file", "/nonexistent/m.safetensors"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "caviar: --output-file: cannot write into the folder /nonexistent of "
            "/nonexistent/m.safetensors; create it, or give another\n");
}

TEST_F(CommandsTest, SubmitSendsTheJobFileWithOverrides) {
  const std::string file = TempFile("job.yaml", "name: letters\nbudget: {trials: 60}\n");
  const Result result = At({"submit", "--set", "budget.trials=20", "--set", "dataset=letters", file,
                            "--output", "json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(service_.submits.size(), 1u);
  EXPECT_EQ(service_.submits[0].spec().budget().trials(), 20);
  EXPECT_EQ(service_.submits[0].spec().dataset(), "letters");
  EXPECT_TRUE(absl::StrContains(result.out, "\"id\": 3")) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST_F(CommandsTest, SubmitUploadsTheDataOfAJobFile) {
  TempFile("rows.csv", "x,y\n1,a\n");
  const std::string file =
      TempFile("data_job.yaml", "data: {path: commands_test_rows.csv, target: y}\n");
  service_.job.add_warnings("few rows");
  const Result result = At({"submit", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(service_.dataset_files.size(), 1u);
  EXPECT_EQ(service_.dataset_files[0].second, "x,y\n1,a\n");
  EXPECT_EQ(service_.dataset_start.settings().target(), "y");
  ASSERT_EQ(service_.submits.size(), 1u);
  EXPECT_EQ(service_.submits[0].spec().dataset(), "named-by-server");
  EXPECT_FALSE(service_.submits[0].spec().has_data()) << "a path never reaches the coordinator";
  EXPECT_TRUE(absl::StrContains(result.err, "warning: column id looks like")) << result.err;
  EXPECT_TRUE(absl::StrContains(result.err, "warning: few rows")) << result.err;
}

TEST_F(CommandsTest, LintWarnsWithoutACoordinator) {
  const std::string file =
      TempFile("lint.yaml", "space: {learning_rate: {uniform: [0.0001, 1]}}\n");
  const Result result = Caviar({"lint", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "warning: space.learning_rate.uniform: on a linear"))
      << result.out;
  EXPECT_TRUE(absl::StrContains(result.out, "the job is valid; warnings: 1")) << result.out;
}

TEST_F(CommandsTest, LintListsWhatASubmitWouldRefuse) {
  const Result result = Caviar({"lint", TempFile("wrong.yaml", "budget: {trials: -1}\n")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(result.err, "budget.trials: must be in [1, 1000000]"))
      << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(CommandsTest, ABadJobFileIsAListOnStderrAndExitCode2) {
  const std::string file = TempFile("bad.yaml", "budgte: 1\nseed: x\n");
  const Result result = At({"submit", file});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, absl::StrCat("caviar: 2 problems:\n  ", file,
                                     ":1: budgte: unknown field; did you mean budget?\n  ", file,
                                     ":2: seed: must be a whole number, got \"x\"\n"));
  EXPECT_TRUE(service_.calls.empty());
}

TEST_F(CommandsTest, JobCallsReachTheJob) {
  EXPECT_EQ(At({"pause", "letters"}).out, "job 3 (letters): completed, 0 of 40 trials\n");
  EXPECT_EQ(At({"extend", "letters", "--trials", "+20"}).exit_code, 0);
  EXPECT_EQ(At({"delete", "letters"}).out, "job 3 (letters) is deleted\n");
  EXPECT_EQ(service_.calls, (std::vector<std::string>{"PauseJob letters", "ExtendJob letters 20",
                                                      "GetJob letters", "DeleteJob 3"}));
  EXPECT_EQ(At({"extend", "letters", "--trials", "-3"}).exit_code, 2);
}

TEST_F(CommandsTest, AddSendsPointsAndPrintsTheTrialsTheyBecame) {
  const std::string file = TempFile("points.json", R"([{"learning_rate": 0.3}])");
  const Result json = At({"add", "letters", "--point", "learning_rate=0.1,optimizer=adam",
                          "--point", "learning_rate=0.2", "--points", file, "--output", "json"});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  ASSERT_EQ(service_.additions.size(), 1u);
  const v1::AddTrialsRequest& request = service_.additions[0];
  EXPECT_FALSE(request.request_id().empty());
  ASSERT_EQ(request.points_size(), 3);
  EXPECT_EQ(request.points(0).fields().at("optimizer").string_value(), "adam");
  EXPECT_EQ(request.points(2).fields().at("learning_rate").number_value(), 0.3);
  EXPECT_TRUE(absl::StrContains(json.out, "\"number\": 3")) << json.out;
  const Result table = At({"add", "letters", "--point", "learning_rate=0.1"});
  EXPECT_TRUE(absl::StrContains(table.out, "pending")) << table.out;
}

TEST_F(CommandsTest, AddWithoutAPointOrWithABadOneIsAUsageError) {
  const Result none = At({"add", "letters"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.err, "caviar: there is no point; give --point or --points\n");
  const Result bad = At({"add", "letters", "--point", "learning_rate"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_EQ(bad.err, "caviar: --point: expected NAME=VALUE, got \"learning_rate\"\n");
  EXPECT_TRUE(service_.calls.empty());
}

TEST_F(CommandsTest, AdjustSendsWhatIsAskedForAndSaysWhatWillBe) {
  v1::Trial& trial = service_.trials.emplace_back();
  trial.set_number(2);
  trial.set_state(v1::Trial::RUNNING);
  trial.set_epochs(12);
  v1::Adjustment& next = *trial.mutable_next_adjustment();
  (*next.mutable_set()->mutable_fields())["learning_rate"].set_number_value(1e-3);
  (*next.mutable_replaced()->mutable_fields())["learning_rate"].set_number_value(0.25);
  const Result result = At({"adjust", "letters", "2", "--set", "learning_rate=1e-3", "--set",
                            "learning_rate_schedule=cosine", "--rollback-to", "0", "--pause"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "trial 2: running, 12 epochs; next: learning_rate: 0.25 -> 0.001\n");
  ASSERT_EQ(service_.adjusts.size(), 1u);
  const v1::AdjustTrialRequest& request = service_.adjusts[0];
  EXPECT_EQ(request.job(), "letters");
  EXPECT_EQ(request.trial(), 2u);
  EXPECT_EQ(request.set().fields().at("learning_rate").number_value(), 1e-3);
  EXPECT_EQ(request.set().fields().at("learning_rate_schedule").string_value(), "cosine");
  EXPECT_TRUE(request.has_rollback_to_epoch());
  EXPECT_EQ(request.action(), v1::AdjustTrialRequest::PAUSE);
  EXPECT_TRUE(absl::StrContains(At({"adjust", "letters", "2", "--resume", "--output", "json"}).out,
                                "\"next_adjustment\""));
  EXPECT_FALSE(service_.adjusts[1].has_rollback_to_epoch());
}

TEST_F(CommandsTest, AdjustWithNothingToDoOrAHalfAssignmentIsAUsageError) {
  EXPECT_EQ(At({"adjust", "letters", "2"}).exit_code, 2);
  EXPECT_EQ(At({"adjust", "letters", "2", "--set", "learning_rate"}).exit_code, 2);
  EXPECT_EQ(At({"adjust", "letters", "2", "--pause", "--resume"}).exit_code, 2);
  EXPECT_EQ(At({"adjust", "letters", "2", "--rollback-to", "-1"}).exit_code, 2);
  EXPECT_TRUE(service_.adjusts.empty());
}

TEST_F(CommandsTest, CancelSaysThatThereWasNothingToCancel) {
  const Result result = At({"cancel", "letters"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "job 3 (letters) had already completed\n");
  service_.job.set_state(v1::Job::RUNNING);
  EXPECT_EQ(At({"cancel", "letters"}).err, "");
  EXPECT_EQ(service_.calls.back(), "CancelJob 3");
}

TEST_F(CommandsTest, SubmitAndWatchSayThatNobodyIsThereToTrain) {
  const std::string waiting =
      absl::StrCat("waiting: no worker is connected; start one with caviar-worker --coordinator ",
                   service_.address(), "\n");
  service_.job.set_state(v1::Job::RUNNING);
  *service_.updates.emplace_back().mutable_job() = service_.job;
  service_.updates.push_back(service_.updates[0]);
  const std::string file = TempFile("waiting.yaml", "dataset: letters\n");
  EXPECT_EQ(At({"submit", file}).err, "");
  EXPECT_EQ(At({"watch", "3"}).err.find("waiting"), std::string::npos);
  service_.workers.Clear();
  EXPECT_EQ(At({"submit", file}).err, waiting);
  const std::string err = At({"watch", "3"}).err;
  EXPECT_EQ(err.substr(0, waiting.size()), waiting);
  EXPECT_EQ(err.find("waiting", 1), std::string::npos) << "once is enough: " << err;
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

TEST_F(CommandsTest, DatasetImportSaysWhatWasDecided) {
  const std::string file = TempFile("import.csv", "x,y\n1,a\n");
  const Result result = At({"dataset", "import", "--data", file, "--target", "y", "--name", "d",
                            "--categorical", "x,z", "--split", "0.8,0.1,0.1", "--header", "yes"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "data set d:\n  row 1 is a header\n")) << result.out;
  const v1::ImportSettings& settings = service_.dataset_start.settings();
  EXPECT_EQ(settings.target(), "y");
  EXPECT_EQ(settings.categorical_size(), 2);
  EXPECT_EQ(settings.train_fraction(), 0.8);
  EXPECT_EQ(settings.header(), v1::ImportSettings::YES);
}

TEST_F(CommandsTest, DatasetImportRefusesBadPathsAndSplitsBeforeItConnects) {
  EXPECT_EQ(At({"dataset", "import", "--data", "/nonexistent.csv", "--target", "y"}).exit_code, 2);
  EXPECT_EQ(At({"dataset", "import", "--data", "/tmp", "--target", "y"}).exit_code, 2);
  for (const char* split : {"0.5", "a,b,c", "1,2,3", "0.5,0.5"}) {
    EXPECT_EQ(At({"dataset", "import", "--data", "/dev/null", "--target", "y", "--split", split})
                  .exit_code,
              2);
  }
  EXPECT_TRUE(service_.calls.empty());
}

TEST(CommandLineTest, HelpOfEachCommandHasAnExample) {
  const Result help = Caviar({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  const std::string list = help.out.substr(help.out.find("Subcommands:"));
  int commands = 0;
  for (const absl::string_view line : absl::StrSplit(list, '\n')) {
    if (!absl::StartsWith(line, "  ") || absl::StartsWith(line, "   ") ||
        absl::StartsWith(line, "  caviar")) {
      continue;
    }
    const std::string name(line.substr(2, line.find(' ', 2) - 2));
    ++commands;
    EXPECT_TRUE(absl::StrContains(help.out, name));
    const Result result = Caviar({name, "--help"});
    EXPECT_EQ(result.exit_code, 0) << name;
    EXPECT_TRUE(absl::StrContains(result.out, absl::StrCat("Example:\n  caviar ", name)))
        << result.out;
  }
  EXPECT_EQ(commands, 26);
}

TEST(CommandLineTest, UsageErrorsAreOneLineAndExitCode2) {
  const std::vector<std::vector<std::string>> cases = {
      {"jbos"},
      {"--wrong"},
      {"dataset", "improt"},
      {"run", "--trails", "3"},
      {"run", "--trials", "0"},
      {"run", "--seed", "4294967296"},
      {"curve", "letters", "x"},
      {"importance"},
      {"importance", "letters", "--method", "anova"},
      {"show"},
      {"repeat", "letters", "--seeds", "0"},
      {"repeat", "letters", "--dataset", "other"},
      {"retest", "letters", "--top", "101"},
      {"replay"},
      {"jobs", "extra"},
      {"run", "--workers", "0"},
      {"run", "--sampler", "bayes"},
      {"run", "--resume"},
      {"run", "--resume", "--dir", "d", "--trials", "3"},
      {"run", "--resume", "--dir", "/nonexistent"},
      {"run"},
      {"run", "--data", "/nonexistent.csv", "--target", "y"},
      {"up", "--listen", "nowhere"},
      {"jobs", "--server", "nowhere"},
      {"--log-level", "loud", "jobs"},
      {"predict", "--model", "/nonexistent", "--data", "/nonexistent"},
  };
  for (const auto& arguments : cases) {
    const Result result = Caviar(arguments);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(arguments) << result.err;
    EXPECT_TRUE(absl::StartsWith(result.err, "caviar: ")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(CommandLineTest, NamesTheWrongWordAndTheNearestRightOne) {
  EXPECT_EQ(Caviar({"jbos"}).err,
            "caviar: there is no command \"jbos\"; did you mean jobs? (see caviar --help)\n");
  EXPECT_EQ(Caviar({"dataset", "improt"}).err,
            "caviar: there is no command \"dataset improt\"; did you mean import? (see caviar "
            "dataset --help)\n");
  EXPECT_EQ(
      Caviar({"run", "--trails=3"}).err,
      "caviar: there is no option --trails; did you mean --trials? (see caviar run --help)\n");
  EXPECT_EQ(Caviar({"--wrong"}).err, "caviar: there is no option --wrong (see caviar --help)\n");
  EXPECT_EQ(Caviar({"jobs", "extra"}).err,
            "caviar: unexpected argument \"extra\" (see caviar jobs --help)\n");
}

TEST(CommandLineTest, SaysWhichNumbersAreAllowed) {
  EXPECT_EQ(Caviar({"run", "--trials", "0"}).err,
            "caviar: --trials: must be at least 1, got 0 (see caviar run --help)\n");
  EXPECT_EQ(Caviar({"run", "--seed", "4294967296"}).err,
            "caviar: --seed: must be at most 4294967295, got 4294967296 (see caviar run --help)\n");
  EXPECT_EQ(
      Caviar({"curve", "letters", "x"}).err,
      "caviar: TRIAL: must be a whole number from 1 to 4294967295, got \"x\" (see caviar curve "
      "--help)\n");
}

TEST(CommandLineTest, IsHelpedWhereNothingWasAsked) {
  EXPECT_EQ(Caviar({}).exit_code, 0);
  EXPECT_EQ(Caviar({}).out, Caviar({"--help"}).out);
  EXPECT_EQ(Caviar({"dataset"}).out, Caviar({"dataset", "--help"}).out);
}

TEST(CommandLineTest, SaysWhichArgumentIsNotUtf8) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", "--data", "d\xff.csv", "--target", "y"},
        {"show", "--job", "\xc3("},
        {"trials", "3", "--filter", "\xff"}}) {
    const Result result = Caviar(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(absl::StrContains(result.err, "is not UTF-8")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
  EXPECT_TRUE(absl::StrContains(Caviar({"run", "--data", "d\xff.csv"}).err, "argument 3 (d?.csv)"));
}

TEST(CommandLineTest, PrintsItsVersion) { EXPECT_EQ(Caviar({"--version"}).out, "caviar 1.2.3\n"); }

}  // namespace
}  // namespace caviar::cli
