#include "coordinator/search/check_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace caviar::search {
namespace {

using ::testing::HasSubstr;

v1::JobSpec Filled(const std::string& scheduler, int epochs = 20) {
  v1::JobSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(scheduler, spec.mutable_scheduler()));
  spec.mutable_budget()->set_trials(10);
  spec.mutable_budget()->set_epochs(epochs);
  FillScheduler(spec);
  return spec;
}

std::string ProblemOf(const std::string& scheduler, int epochs = 20) {
  Problems problems;
  CheckScheduler(Filled(scheduler, epochs), problems);
  return std::string(problems.ToStatus().message());
}

TEST(FillSchedulerTest, DefaultsAreThoseOfTheDocs) {
  EXPECT_TRUE(Filled("").scheduler().has_full());
  const v1::AshaScheduler asha = Filled("asha {}").scheduler().asha();
  EXPECT_EQ(asha.reduction_factor(), 4);
  EXPECT_EQ(asha.min_epochs(), 1);
  EXPECT_FALSE(asha.stopping());
  const v1::HyperbandScheduler hyperband = Filled("hyperband {}").scheduler().hyperband();
  EXPECT_EQ(hyperband.reduction_factor(), 3);
  EXPECT_EQ(hyperband.min_epochs(), 1);
  EXPECT_EQ(Filled("bohb {}").scheduler().bohb().reduction_factor(), 3);
  EXPECT_EQ(Filled("bohb {}").scheduler().bohb().min_epochs(), 1);
  const v1::MedianScheduler median = Filled("median {}").scheduler().median();
  EXPECT_EQ(median.startup_trials(), 5);
  EXPECT_EQ(median.warmup_epochs(), 0);
  EXPECT_EQ(median.interval_epochs(), 1);
  EXPECT_EQ(Filled("median {}", 101).scheduler().median().interval_epochs(), 2);
}

TEST(FillSchedulerTest, KeepsWhatWasGiven) {
  EXPECT_EQ(Filled("asha { reduction_factor: 2 min_epochs: 3 }").scheduler().asha().min_epochs(),
            3);
}

TEST(CheckSchedulerTest, TakesEverySchedulerAsFilled) {
  for (const char* scheduler : {"full {}", "median {}", "asha {}", "hyperband {}"}) {
    EXPECT_EQ(ProblemOf(scheduler), "") << scheduler;
  }
  EXPECT_EQ(ProblemOf("median {}", 1), "");
  EXPECT_EQ(ProblemOf("median {}", 1'000'000), "");
  EXPECT_EQ(ProblemOf("hyperband { min_epochs: 6 }", 20), "");
  EXPECT_EQ(ProblemOf("asha { min_epochs: 19 }", 20), "");
}

TEST(CheckSchedulerTest, AFactorBelowTwoKeepsEveryTrial) {
  EXPECT_THAT(ProblemOf("asha { reduction_factor: 1 }"),
              HasSubstr("scheduler.asha.reduction_factor: must be >= 2 (a rung keeps one trial in "
                        "so many), got 1"));
  EXPECT_THAT(ProblemOf("hyperband { reduction_factor: -3 }"),
              HasSubstr("scheduler.hyperband.reduction_factor: must be >= 2"));
}

TEST(CheckSchedulerTest, ThereMustBeARungBelowTheJobsEpochs) {
  EXPECT_THAT(ProblemOf("asha { min_epochs: 20 }"),
              HasSubstr("scheduler.asha.min_epochs: must be less than budget.epochs: with "
                        "budget.epochs 20 there is no rung at which a trial could be judged; got "
                        "20"));
  EXPECT_THAT(ProblemOf("asha {}", 1), HasSubstr("with budget.epochs 1 there is no rung"));
  EXPECT_THAT(ProblemOf("asha { min_epochs: -1 }"), HasSubstr("must be > 0, got -1"));
  EXPECT_THAT(ProblemOf("hyperband { min_epochs: 7 }"),
              HasSubstr("scheduler.hyperband.min_epochs: must be at most budget.epochs / "
                        "reduction_factor"));
  EXPECT_THAT(ProblemOf("hyperband {}", 2), HasSubstr("there is no rung"));
}

TEST(CheckSchedulerTest, PbtNeedsWholePopulationsAndGenerations) {
  const v1::PbtScheduler pbt = Filled("pbt {}").scheduler().pbt();
  EXPECT_EQ(pbt.population(), 10);
  EXPECT_EQ(pbt.interval_epochs(), 2);
  EXPECT_EQ(pbt.quantile(), 0.25);
  EXPECT_EQ(pbt.resample(), 0.25);
  EXPECT_THAT(ProblemOf("pbt { population: 1 }"), HasSubstr("must be in [2, 1000], got 1"));
  EXPECT_THAT(ProblemOf("pbt { population: 4 }"),
              HasSubstr("budget.trials: must be a whole number of populations "
                        "(scheduler.pbt.population 4), got 10; the next is 12"));
  EXPECT_THAT(ProblemOf("pbt { interval_epochs: 20 }"), HasSubstr("must be in [1, budget.epochs"));
  EXPECT_THAT(ProblemOf("pbt { interval_epochs: 1 }", 1000), HasSubstr("at most 200 times"));
  EXPECT_THAT(ProblemOf("pbt { quantile: 0.6 }"), HasSubstr("must be in (0, 0.5], got 0.6"));
  EXPECT_THAT(ProblemOf("pbt { resample: -1 }"), HasSubstr("must be in [0, 1], got -1"));
  EXPECT_THAT(ProblemOf("pbt {}"), HasSubstr("sampler: must be random, sobol or grid"));
}

TEST(CheckSchedulerTest, MedianMustBeAbleToStopSomebody) {
  EXPECT_THAT(ProblemOf("median { startup_trials: -1 }"),
              HasSubstr("scheduler.median.startup_trials: must be > 0, got -1"));
  EXPECT_THAT(ProblemOf("median { warmup_epochs: 20 }"),
              HasSubstr("scheduler.median.warmup_epochs: must be less than budget.epochs (20)"));
  EXPECT_THAT(ProblemOf("median { warmup_epochs: -1 }"), HasSubstr("must not be negative"));
  EXPECT_THAT(ProblemOf("median { interval_epochs: 5 }", 10'000),
              HasSubstr("scheduler.median.interval_epochs: must be >= 10, for at most 1000 "
                        "judgements in 10000 epochs; got 5"));
}

TEST(CheckSchedulerTest, BohbHasTheBoundsOfHyperbandAndPointsOfTpe) {
  EXPECT_THAT(ProblemOf("bohb { reduction_factor: 1 }"),
              HasSubstr("scheduler.bohb.reduction_factor: must be >= 2"));
  EXPECT_THAT(ProblemOf("bohb { min_epochs: 7 }"),
              HasSubstr("scheduler.bohb.min_epochs: must be at most"));
  v1::JobSpec spec = Filled("bohb {}");
  spec.mutable_sampler()->mutable_tpe();
  Problems none;
  CheckScheduler(spec, none);
  EXPECT_TRUE(none.empty()) << none.ToStatus();
  spec.mutable_sampler()->mutable_gp();
  Problems other;
  CheckScheduler(spec, other);
  EXPECT_THAT(std::string(other.ToStatus().message()), HasSubstr("leave `sampler` out"));
}

}  // namespace
}  // namespace caviar::search
