// `run` from end to end, its service programs being scripts that lead to a fake service.
#include "client/cli/run_job.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "tests/client/cli/fake_programs.h"
#include "tests/client/cli/fake_search_service.h"

namespace caviar::cli {
namespace {

class RunJobTest : public testing::Test {
 protected:
  RunJobTest()
      : folder_(FreshFolder(testing::TempDir() + "run_job_test")), events_(folder_ + "/events") {
    WriteProgram(
        folder_, "caviar-coordinator",
        "echo listening on " + service_.address() + "\n" + UntilStopped("coordinator", events_));
    WriteProgram(folder_, "caviar-worker", UntilStopped("worker", events_));
    std::ofstream(folder_ + "/rows.csv") << "x,y\n1,a\n";
    request_.spec.mutable_data()->set_path(folder_ + "/rows.csv");
    request_.spec.mutable_data()->set_target("y");
    request_.directory = folder_ + "/data";
    request_.programs = folder_;

    v1::Job& job = service_.job;
    job.set_id(3);
    job.set_name("letters");
    job.set_state(v1::Job::COMPLETED);
    job.set_best_trial(5);
    job.set_best_value(0.75);
    service_.updates.emplace_back().mutable_trial()->set_number(5);
    service_.updates.back().mutable_trial()->set_state(v1::Trial::COMPLETED);
    service_.leaderboard.resize(3);
    service_.model_bytes = "model";
    service_.model_digest = Sha256Hex("model");
  }
  // The job ends no earlier than the worker can say that it was stopped.
  void HoldWatchUntilWorkerIsUp() {
    service_.before_watch = [ready = events_ + ".worker"] {
      while (!std::filesystem::exists(ready)) std::this_thread::yield();
    };
  }
  absl::StatusOr<int> Run(int width = 0) {
    Console console{out_, err_, width, width};
    return RunJob(request_, console);
  }

  const std::string folder_, events_;
  FakeSearchService service_;
  RunRequest request_;
  std::ostringstream out_, err_;
};

TEST_F(RunJobTest, ImportsSubmitsFollowsPrintsSavesAndStops) {
  HoldWatchUntilWorkerIsUp();
  const absl::StatusOr<int> exit_code = Run();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0);
  EXPECT_EQ(service_.dataset_files[0].second, "x,y\n1,a\n");
  EXPECT_TRUE(service_.dataset_start.reuse_identical());
  EXPECT_EQ(service_.submits[0].spec().dataset(), "named-by-server");
  EXPECT_TRUE(absl::StrContains(out_.str(), "trial 5 completed")) << out_.str();
  EXPECT_TRUE(absl::StrContains(out_.str(), "rank  trial")) << out_.str();
  EXPECT_EQ(*ReadFile(request_.directory + "/best-model.safetensors"), "model");
  EXPECT_EQ(*ReadFile(events_), "worker stopped\ncoordinator stopped\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(RunJobTest, KeepsStdoutForJsonAlone) {
  request_.format = OutputFormat::kJson;
  request_.model_path = folder_ + "/m";
  ASSERT_EQ(*Run(), 0);
  EXPECT_TRUE(absl::StartsWith(out_.str(), "{\n \"job\": {")) << out_.str();
  EXPECT_TRUE(absl::EndsWith(out_.str(), "}\n"));
  EXPECT_TRUE(absl::StrContains(err_.str(), "trial 5 completed")) << err_.str();
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/m"));
}

TEST_F(RunJobTest, EndsWith3WithoutAModelWhenTheJobFailed) {
  service_.job.set_state(v1::Job::FAILED);
  service_.job.clear_best_trial();
  service_.job.set_reason("every trial was infeasible");
  EXPECT_EQ(*Run(), 3);
  EXPECT_TRUE(absl::StrContains(err_.str(), "every trial was infeasible"));
  EXPECT_FALSE(std::filesystem::exists(request_.directory + "/best-model.safetensors"));
}

TEST_F(RunJobTest, RefusesADirectoryWhoseJobHasNotEnded) {
  service_.job.set_state(v1::Job::RUNNING);
  const absl::StatusOr<int> exit_code = Run();
  EXPECT_TRUE(absl::IsFailedPrecondition(exit_code.status()));
  EXPECT_TRUE(absl::StrContains(exit_code.status().message(),
                                "caviar run --resume --dir " + request_.directory))
      << exit_code.status();
  EXPECT_TRUE(service_.submits.empty());
}

TEST_F(RunJobTest, ResumesTheJobThatIsThere) {
  std::filesystem::create_directories(request_.directory + "/logs");
  request_.resume = true;
  EXPECT_EQ(*Run(), 0);
  EXPECT_TRUE(service_.submits.empty());
  EXPECT_TRUE(absl::StrContains(out_.str(), "job 3 (letters)"));
}

TEST_F(RunJobTest, StopsCleanlyOnCtrlCAndSaysHowToGoOn) {
  HoldWatchUntilWorkerIsUp();
  service_.on_watch = [] { raise(SIGINT); };
  EXPECT_EQ(*Run(), 130);
  EXPECT_TRUE(absl::StrContains(err_.str(), "caviar run --resume --dir " + request_.directory))
      << err_.str();
  EXPECT_EQ(*ReadFile(events_), "worker stopped\ncoordinator stopped\n");
}

// Its directory was made for a job that never was.
TEST_F(RunJobTest, LeavesNothingWhenItEndsBeforeTheJobIsSubmitted) {
  const std::filesystem::path before = std::filesystem::current_path();
  const auto restore = absl::MakeCleanup([&before] { std::filesystem::current_path(before); });
  std::filesystem::current_path(folder_);
  request_.directory.clear();
  service_.on_upload = [] { raise(SIGINT); };
  EXPECT_EQ(*Run(), 130);
  EXPECT_TRUE(absl::StrContains(err_.str(), "stopped before the job was submitted")) << err_.str();
  EXPECT_FALSE(absl::StrContains(err_.str(), "--resume")) << err_.str();
  service_.on_upload = nullptr;
  service_.failure = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "row 1: bad");
  EXPECT_FALSE(Run().ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/caviar-runs"));
  service_.failure = grpc::Status::OK;
  EXPECT_EQ(*Run(), 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/caviar-runs/rows/best-model.safetensors"));
}

TEST_F(RunJobTest, LooksForTheModelsFolderBeforeItSearches) {
  for (const std::string& path : {folder_ + "/none/m", folder_}) {
    request_.model_path = path;
    const absl::Status status = Run().status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
  }
  EXPECT_TRUE(service_.calls.empty());
}

TEST_F(RunJobTest, KeepsTheBarWithinANarrowTerminal) {
  service_.job.mutable_spec()->mutable_budget()->set_trials(40);
  for (const OutputFormat format : {OutputFormat::kTable, OutputFormat::kJson}) {
    request_.format = format;
    request_.directory = folder_ + (format == OutputFormat::kJson ? "/json" : "/table");
    ASSERT_EQ(*Run(50), 0);
    const std::string text = format == OutputFormat::kJson ? err_.str() : out_.str();
    int bars = 0;
    for (const absl::string_view part : absl::StrSplit(text, "\r\x1b[K")) {
      const absl::string_view bar = part.substr(0, part.find('\n'));
      if (!absl::StartsWith(bar, "letters [")) continue;
      ++bars;
      EXPECT_LT(bar.size(), 50u) << bar;
    }
    EXPECT_GT(bars, 0) << text;
  }
}

TEST_F(RunJobTest, PassesOnTheServersRefusal) {
  service_.failure = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "row 1: bad");
  EXPECT_EQ(Run().status(), absl::InvalidArgumentError("row 1: bad"));
  // The refusal may come before the worker has said how it wants to be stopped.
  EXPECT_TRUE(absl::EndsWith(*ReadFile(events_), "coordinator stopped\n"));
}

}  // namespace
}  // namespace caviar::cli
