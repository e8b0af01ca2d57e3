#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/schedule/running_median.h"
#include "tests/coordinator/schedule/trial_log.h"

namespace caviar::schedule {
namespace {

using ::testing::HasSubstr;

TEST(RunningMedianTest, IsTheMiddleOfTheSortedNumbers) {
  Rng rng(3);
  RunningMedian median;
  std::vector<double> numbers;
  for (int i = 0; i < 500; ++i) {
    numbers.push_back(rng.UniformInt(100) - 50.0);
    median.Add(numbers.back());
    std::sort(numbers.begin(), numbers.end());
    const size_t half = numbers.size() / 2;
    const double middle =
        numbers.size() % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
    ASSERT_EQ(median.Median(), middle) << i;
  }
}

class MedianSchedulerTest : public ::testing::Test {
 protected:
  static TrialLog Log(int startup = 3, int warmup = 0, int interval = 1) {
    v1::JobSpec spec = SpecOf("median {}", 100, 4);
    v1::MedianScheduler& median = *spec.mutable_scheduler()->mutable_median();
    median.set_startup_trials(startup);
    median.set_warmup_epochs(warmup);
    median.set_interval_epochs(interval);
    return TrialLog(spec);
  }
  // A trial whose best so far is that at epochs 1, 2, 3, and that completes.
  static void Complete(TrialLog& log, const std::vector<double>& best) {
    const uint32_t trial = log.Create();
    uint32_t epoch = 0;
    for (const double value : best) log.Judge(trial, value, ++epoch);
    log.End(trial, true);
  }
};

TEST_F(MedianSchedulerTest, StopsWhoIsWorseThanTheMedianAtTheSameEpoch) {
  TrialLog log = Log();
  Complete(log, {0.1, 0.5, 0.9});
  Complete(log, {0.2, 0.6, 0.7});
  Complete(log, {0.3, 0.4, 0.8});
  const uint32_t good = log.Create();
  EXPECT_EQ(log.Judge(good, 0.2, 1), std::nullopt);  // equal is not worse
  EXPECT_EQ(log.Judge(good, 0.51, 2), std::nullopt);
  EXPECT_THAT(log.Judge(good, 0.79, 3).value_or(""),
              HasSubstr("0.79 is worse than 0.8, the median of 3 completed trials at 3 epochs"));
}

TEST_F(MedianSchedulerTest, StopsNobodyBeforeEnoughTrialsHaveCompleted) {
  TrialLog log = Log(/*startup=*/3);
  Complete(log, {0.9, 0.9, 0.9});
  Complete(log, {0.9, 0.9, 0.9});
  const uint32_t bad = log.Create();
  EXPECT_EQ(log.Judge(bad, 0.0, 1), std::nullopt);
  // Those that were stopped do not count.
  log.End(bad);
  const uint32_t next = log.Create();
  EXPECT_EQ(log.Judge(next, 0.0, 1), std::nullopt);
  Complete(log, {0.9, 0.9, 0.9});
  EXPECT_NE(log.Judge(next, 0.0, 2), std::nullopt);
}

TEST_F(MedianSchedulerTest, JudgesFromTheWarmupOnAtEachInterval) {
  TrialLog log = Log(3, 2, 2);
  EXPECT_FALSE(log.scheduler().IsJudgedAt(1, 1));
  EXPECT_TRUE(log.scheduler().IsJudgedAt(1, 2));
  EXPECT_FALSE(log.scheduler().IsJudgedAt(1, 3));
  EXPECT_FALSE(log.scheduler().IsJudgedAt(1, 4));  // nothing is left to stop
}

// It stopped by its own patience: better it will not get.
TEST_F(MedianSchedulerTest, ATrialThatCompletedEarlyKeepsItsBest) {
  TrialLog log = Log(1);
  Complete(log, {0.5});
  const uint32_t trial = log.Create();
  EXPECT_EQ(log.Judge(trial, 0.5, 1), std::nullopt);
  EXPECT_EQ(log.Judge(trial, 0.5, 2), std::nullopt);
  EXPECT_NE(log.Judge(trial, 0.4, 3), std::nullopt);
}

TEST_F(MedianSchedulerTest, WhatIsAbsentIsWorst) {
  TrialLog log = Log(1);
  Complete(log, {0.5});
  EXPECT_THAT(log.Judge(log.Create(), std::nullopt, 1).value_or(""), HasSubstr("nothing measured"));
}

TEST_F(MedianSchedulerTest, RebuiltFromTheRecordsItDecidesTheSame) {
  Rng rng(11);
  TrialLog log = Log(2);
  for (int i = 0; i < 60; ++i) {
    const uint32_t trial = log.Create();
    double best = 0;
    bool is_stopped = false;
    for (uint32_t epoch = 1; epoch <= 3 && !is_stopped; ++epoch) {
      best = std::max(best, rng.UniformInt(20) / 20.0);
      const auto rebuilt = log.Rebuilt();
      const auto stop = log.Judge(trial, best, epoch);
      EXPECT_EQ(rebuilt->OnJudged({trial, epoch, best}), stop);
      is_stopped = stop.has_value();
    }
    log.End(trial, !is_stopped);
  }
}

}  // namespace
}  // namespace caviar::schedule
