// Commands that make or change something: what they ask for, what they print, and how they end.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/client/cli/commands_fixture.h"

namespace caviar::cli {
namespace {

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

}  // namespace
}  // namespace caviar::cli
