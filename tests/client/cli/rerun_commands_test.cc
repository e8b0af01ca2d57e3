// repeat, retest, rerun and replay against a coordinator that a test plays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/job_page.h"
#include "tests/client/cli/commands_fixture.h"

namespace caviar::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RerunCommandsTest : public CommandsTest {
 protected:
  RerunCommandsTest() {
    service_.job.set_id(9);
    service_.job.set_name("letters-repeat");
    service_.job.set_state(v1::Job::COMPLETED);
    service_.job.mutable_spec()->mutable_budget()->set_trials(20);
    service_.job.mutable_spec()->mutable_objective()->set_metric("validation_accuracy");
    v1::Origin& origin = *service_.job.mutable_origin();
    origin.set_kind(v1::Origin::REPEAT);
    origin.set_job(3);
    origin.set_job_name("letters");
    origin.set_seeds(10);
    origin.add_sources();
    origin.add_sources();
    AddEntry(1, 17, 2, 0.98, 0.5);
    AddEntry(2, 4, 1, 0.99, 0.25);
    service_.rerun.add_findings("#1 (trial 17) is better than #2 (trial 4): +0.25");
  }
  void AddEntry(uint32_t rank, uint32_t trial, uint32_t old_rank, double old_value, double mean) {
    v1::RerunEntry& entry = *service_.rerun.add_entries();
    entry.set_rank(rank);
    entry.mutable_source()->set_trial(trial);
    entry.mutable_source()->set_rank(old_rank);
    entry.mutable_source()->set_value(old_value);
    entry.mutable_value()->set_count(10);
    entry.mutable_value()->set_mean(mean);
    entry.mutable_value()->set_low(mean - 0.125);
    entry.mutable_value()->set_high(mean + 0.125);
    (*entry.mutable_point()->mutable_fields())["units"].set_number_value(64);
  }
};

TEST_F(RerunCommandsTest, RerunShowsTheTableAndWhatItMeans) {
  const Result result = At({"rerun", "letters-repeat"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(service_.calls.back(), "GetRerun letters-repeat");
  EXPECT_THAT(result.out, HasSubstr("repeats the best 2 points of job 3 (letters) with 10 seeds "
                                    "each\n\n"
                                    "rank  trial  old_rank  old_value  validation_accuracy"));
  EXPECT_THAT(result.out, EndsWith("\n\n#1 (trial 17) is better than #2 (trial 4): +0.25\n"));
  EXPECT_EQ(At({"rerun", "9", "--output", "csv"}).out,
            "rank,trial,old_rank,old_value,mean,low,high,seeds,test_accuracy,point.units\r\n"
            "1,17,2,0.98,0.5,0.375,0.625,10,,64\r\n2,4,1,0.99,0.25,0.125,0.375,10,,64\r\n");
  EXPECT_THAT(At({"rerun", "9", "--output", "json"}).out, HasSubstr("\"findings\": ["));
}

TEST_F(RerunCommandsTest, RepeatFollowsTheNewJobToItsEndAndReports) {
  *service_.updates.emplace_back().mutable_job() = service_.job;
  service_.job.add_warnings("few points");
  const Result result = At({"repeat", "letters", "--top", "2", "--seeds", "10"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(service_.reruns.size(), 1u);
  EXPECT_EQ(service_.reruns[0].job(), "letters");
  EXPECT_EQ(service_.reruns[0].kind(), v1::Origin::REPEAT);
  EXPECT_EQ(service_.reruns[0].top(), 2);
  EXPECT_EQ(service_.reruns[0].seeds(), 10);
  EXPECT_FALSE(service_.reruns[0].request_id().empty());
  EXPECT_THAT(service_.calls, ::testing::Contains("WatchJob 9"));
  EXPECT_EQ(service_.calls.back(), "GetRerun 9");
  EXPECT_THAT(result.err, StartsWith("warning: few points\n"));
  EXPECT_THAT(result.err, HasSubstr("job 9 (letters-repeat) repeats the best 2 points of job 3"));
  EXPECT_THAT(result.out, EndsWith("is better than #2 (trial 4): +0.25\n"));
}

TEST_F(RerunCommandsTest, DetachedItDoesNotWait) {
  const Result result = At({"retest", "letters", "--dataset", "newer", "--detach"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(service_.reruns.size(), 1u);
  EXPECT_EQ(service_.reruns[0].kind(), v1::Origin::RETEST);
  EXPECT_EQ(service_.reruns[0].dataset(), "newer");
  EXPECT_EQ(service_.reruns[0].top(), 0) << "the coordinator's default";
  EXPECT_THAT(service_.calls, ::testing::Not(::testing::Contains("WatchJob 9")));
}

TEST_F(RerunCommandsTest, WhatAProgramReadsIsTheReportAlone) {
  *service_.updates.emplace_back().mutable_job() = service_.job;
  const Result result = At({"repeat", "letters", "--output", "csv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("rank,trial,"));
}

TEST_F(RerunCommandsTest, AJobsPageTellsItsOrigin) {
  EXPECT_THAT(At({"show", "9"}).out,
              HasSubstr("repeats the best 2 points of job 3 (letters) with 10 seeds each"));
}

TEST_F(RerunCommandsTest, ReplaySaysWhatCameOut) {
  service_.replay.set_job(3);
  service_.replay.set_points(40);
  service_.replay.set_decisions(1);
  const Result result = At({"replay", "letters"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "40 points and 1 decision of job 3 came out as recorded\n");
  EXPECT_EQ(At({"replay", "letters", "--output", "csv"}).out,
            "job,points,decisions,difference\r\n3,40,1,\r\n");
}

TEST_F(RerunCommandsTest, ReplayFailsWithTheFirstDifference) {
  service_.replay.set_job(3);
  service_.replay.set_points(6);
  service_.replay.set_difference("trial 7 is recorded with the point {a: 1}; {a: 2} came out");
  const Result result = At({"replay", "letters"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err,
            "caviar: job 3 does not replay: trial 7 is recorded with the point {a: 1}; {a: 2} "
            "came out; 6 points and 0 decisions before it came out as recorded\n");
  const Result json = At({"replay", "letters", "--output", "json"});
  EXPECT_EQ(json.exit_code, 3);
  EXPECT_THAT(json.out, HasSubstr("\"difference\": \"trial 7"));
}

}  // namespace
}  // namespace caviar::cli
