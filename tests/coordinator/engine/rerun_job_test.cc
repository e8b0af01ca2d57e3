#include "coordinator/engine/rerun_job.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/engine/job_copy.h"
#include "coordinator/engine/replay.h"
#include "coordinator/engine/rerun_answer.h"
#include "tests/coordinator/engine/rerun_fixture.h"

namespace caviar::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(RerunJobTest, RepeatsTheBestPointsWithTheSameSeedsForEach) {
  RunJob();
  const v1::Job job = Rerun(v1::Origin::REPEAT, 2, 3).value();
  EXPECT_EQ(job.id(), 2u);
  EXPECT_EQ(job.name(), "job-repeat");
  EXPECT_EQ(job.spec().budget().trials(), 6);
  EXPECT_EQ(job.spec().budget().epochs(), 2);
  EXPECT_TRUE(job.spec().scheduler().has_full());
  EXPECT_NE(job.spec().seed(), harness_.JobOf(1).spec().seed());
  const v1::Origin& origin = job.origin();
  EXPECT_EQ(origin.job(), 1u);
  EXPECT_EQ(origin.job_name(), "job");
  ASSERT_EQ(origin.sources_size(), 2);
  EXPECT_EQ(origin.sources(0).trial(), 4u);
  EXPECT_EQ(origin.sources(0).rank(), 1u);
  EXPECT_EQ(origin.sources(0).value(), 0.4);
  EXPECT_EQ(origin.sources(1).trial(), 3u);

  TrainAll([](const v1::Assign&) { return 0.5; });
  ASSERT_EQ(trained_.size(), 6u);
  std::vector<uint64_t> seeds;
  for (const v1::Assign& assign : trained_) {
    seeds.push_back(assign.seed());
    const uint32_t source = assign.id().trial() <= 3 ? 4 : 3;
    EXPECT_EQ(assign.hyperparameters().fields().at("learning_rate").number_value(),
              harness_.TrialOf(1, source).point().fields().at("learning_rate").number_value());
  }
  const uint64_t seed = job.spec().seed();
  const uint64_t a = DeriveSeed(seed, uint64_t{0}), b = DeriveSeed(seed, uint64_t{1}),
                 c = DeriveSeed(seed, uint64_t{2});
  EXPECT_THAT(seeds, ElementsAre(a, b, c, a, b, c));
  EXPECT_EQ(harness_.JobOf(2).state(), v1::Job::COMPLETED);
}

TEST_F(RerunJobTest, ReportsTheDifferenceSeedBySeed) {
  RunJob();
  ASSERT_TRUE(Rerun(v1::Origin::REPEAT, 2, 4).ok());
  // Each seed moves both points alike; trial 3's point is better by 0.02, 0.03, 0.02, 0.03.
  TrainAll([](const v1::Assign& assign) {
    const uint32_t seed = (assign.id().trial() - 1) % 4;
    const double common = 0.5 + 0.1 * seed;
    return assign.id().trial() <= 4 ? common : common + (seed % 2 == 0 ? 0.02 : 0.03);
  });
  const v1::Rerun report = Report(2);
  ASSERT_EQ(report.entries_size(), 2);
  EXPECT_EQ(report.entries(0).source().trial(), 3u);
  EXPECT_EQ(report.entries(0).rank(), 1u);
  EXPECT_EQ(report.entries(0).value().count(), 4u);
  EXPECT_NEAR(report.entries(0).value().mean(), 0.675, 1e-12);
  EXPECT_LT(report.entries(0).value().low(), 0.5);  // unpaired, the seeds hide it
  EXPECT_EQ(report.entries(1).source().trial(), 4u);
  EXPECT_EQ(report.difference().first(), 3u);
  EXPECT_EQ(report.difference().second(), 4u);
  // t(3) = 3.182, deviation 0.00577, over root 4.
  EXPECT_NEAR(report.difference().value().mean(), 0.025, 1e-12);
  EXPECT_NEAR(report.difference().value().low(), 0.025 - 3.18245 * 0.00577350 / 2, 1e-6);
  EXPECT_TRUE(report.difference().is_significant());
  EXPECT_EQ(report.rank_correlation(), -1);
  EXPECT_THAT(
      report.findings(),
      ElementsAre("#1 (trial 3) is better than #2 (trial 4): +0.025, 95 % interval [0.016, 0.034], "
                  "p = 0.0032",
                  "trial 4, #1 of job 1 (job), is now #2; the best is trial 3, which was #2",
                  "another seed alone moves validation_accuracy by 0.13 (standard deviation)"));
}

TEST_F(RerunJobTest, SaysSoWhereTheFirstTwoCannotBeToldApart) {
  RunJob();
  ASSERT_TRUE(Rerun(v1::Origin::REPEAT, 2, 2).ok());
  TrainAll([](const v1::Assign& assign) {
    const std::vector<double> values = {0.5, 0.7, 0.6, 0.5};
    return values[assign.id().trial() - 1];
  });
  const v1::Rerun report = Report(2);
  EXPECT_FALSE(report.difference().is_significant());
  EXPECT_THAT(report.findings(0),
              HasSubstr("#1 (trial 4) and #2 (trial 3) cannot be told apart: +0.05"));
}

TEST_F(RerunJobTest, LessIsBetterWhereTheObjectiveIsMinimized) {
  RunJob([](v1::JobSpec& spec) {
    spec.mutable_objective()->set_metric("validation_accuracy");
    spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  });
  const v1::Job job = Rerun(v1::Origin::REPEAT, 2, 2).value();
  EXPECT_EQ(job.origin().sources(0).trial(), 1u);
  TrainAll([](const v1::Assign& assign) { return assign.id().trial() <= 2 ? 0.5 : 0.4; });
  const v1::Rerun report = Report(2);
  EXPECT_EQ(report.entries(0).source().trial(), 2u);
  EXPECT_TRUE(report.difference().is_significant());  // no deviation at all
  EXPECT_LT(report.difference().value().high(), 0);
  EXPECT_THAT(report.findings(0), HasSubstr("-0.10, 95 % interval [-0.10, -0.10], p < 0.001"));
}

TEST_F(RerunJobTest, ReportsWhileItRuns) {
  RunJob();
  ASSERT_TRUE(Rerun(v1::Origin::REPEAT, 2, 2).ok());
  v1::Rerun report = Report(2);
  EXPECT_EQ(report.entries(0).rank(), 0u);
  EXPECT_FALSE(report.entries(0).has_value());
  EXPECT_FALSE(report.has_rank_correlation());
  EXPECT_EQ(report.findings(0), "0 of 4 trials have ended: what follows may change yet");
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.6);
  report = Report(2);
  EXPECT_EQ(report.entries(0).rank(), 1u);
  EXPECT_FALSE(report.entries(0).value().has_low());
  EXPECT_EQ(report.entries(1).rank(), 0u);
}

TEST_F(RerunJobTest, TrialsThatDidNotCompleteAreLeftOut) {
  RunJob();
  ASSERT_TRUE(Rerun(v1::Origin::REPEAT, 2, 2).ok());
  const v1::Assign first = harness_.TakeAssign(session_);
  harness_.Measure(session_, first.id(), 1, 1, {0.9});
  harness_.Finish(session_, first.id(), 1, v1::AttemptFinished::INFEASIBLE, "", "NaN");
  TrainAll([](const v1::Assign&) { return 0.5; });
  const v1::Rerun report = Report(2);
  EXPECT_EQ(report.entries(0).value().count() + report.entries(1).value().count(), 3u);
  EXPECT_FALSE(report.has_difference());
  EXPECT_EQ(report.findings(0), "1 trial did not complete and is left out");
}

TEST_F(RerunJobTest, EqualPointsAreTakenOnce) {
  RunJob([](v1::JobSpec& spec) {
    auto& domain = (*spec.mutable_space())["learning_rate"];
    domain.Clear();
    domain.mutable_values()->add_values()->set_number_value(0.1);
    domain.mutable_values()->add_values()->set_number_value(0.2);
  });
  const v1::Job job = Rerun(v1::Origin::REPEAT).value();
  EXPECT_LE(job.origin().sources_size(), 2);
  EXPECT_EQ(job.spec().budget().trials(), 10 * job.origin().sources_size());
  EXPECT_THAT(job.warnings(0), HasSubstr("different points with a value, not 5"));
}

TEST_F(RerunJobTest, ARetestNeedsDataOfTheSameShape) {
  RunJob();
  Import("wide", 5);
  EXPECT_THAT(ErrorOf(Rerun(v1::Origin::RETEST, 2, 1, "wide")),
              HasSubstr("dataset: \"wide\" has 5 features and 2 classes; job 1 was trained on 4 "
                        "features and 2 classes"));
  // Also when the old data are gone.
  ASSERT_TRUE(DeleteDataset("letters").ok());
  EXPECT_EQ(Rerun(v1::Origin::RETEST).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(Rerun(v1::Origin::RETEST, 2, 1, "wide").ok());
  Import("newer", 4);
  EXPECT_TRUE(Rerun(v1::Origin::RETEST, 2, 1, "newer").ok());
}

TEST_F(RerunJobTest, ARetestTellsHowTheOrderMoved) {
  RunJob();
  Import("newer", 4);
  const v1::Job job = Rerun(v1::Origin::RETEST, 0, 0, "newer").value();
  EXPECT_EQ(job.name(), "job-retest");
  EXPECT_EQ(job.spec().dataset(), "newer");
  EXPECT_EQ(job.spec().budget().trials(), 4);
  // Trials 1 to 4 train what was #1 to #4: 0.4, 0.3, 0.2, 0.1.
  TrainAll([](const v1::Assign& assign) {
    const std::vector<double> values = {0.2, 0.3, 0.1, 0.05};
    return values[assign.id().trial() - 1];
  });
  const v1::Rerun report = Report(2);
  EXPECT_EQ(report.entries(0).source().rank(), 2u);
  EXPECT_NEAR(report.rank_correlation(), 4 / 6.0, 1e-12);
  EXPECT_THAT(
      report.findings(),
      ElementsAre("trial 4, #1 of job 1 (job), is now #2; the best is trial 3, which was #2",
                  "mean validation_accuracy of 4 points went from 0.25 to 0.1625 (-0.087)",
                  "mean test_accuracy of 4 points went from 0.5 to 0.5 (+0.0)",
                  "the order has changed in part (Kendall's tau-b 0.67)"));
}

TEST_F(RerunJobTest, OfTheSameDataARetestShowsChance) {
  RunJob();
  ASSERT_TRUE(Rerun(v1::Origin::RETEST).ok());
  TrainAll([](const v1::Assign& assign) { return 0.5 - assign.id().trial() / 10.0; });
  const v1::Rerun report = Report(2);
  EXPECT_EQ(report.findings(0), "the data are the same as before: what moved is chance");
  EXPECT_EQ(report.findings(1), "trial 4, #1 of job 1 (job), is the best again");
}

TEST_F(RerunJobTest, TheSameRequestIdGetsTheSameJob) {
  RunJob();
  const v1::Job job = Rerun(v1::Origin::REPEAT, 2, 2, "", "once").value();
  harness_.Restart();
  EXPECT_EQ(Rerun(v1::Origin::REPEAT, 2, 2, "", "once").value().id(), job.id());
  EXPECT_EQ(Rerun(v1::Origin::REPEAT, 3, 2, "", "once").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(harness_.state().jobs.size(), 2u);
}

TEST_F(RerunJobTest, ARestartGoesOnWithTheSamePointsAndSeeds) {
  RunJob();
  const v1::Job job = Rerun(v1::Origin::REPEAT, 2, 2).value();
  harness_.Complete(session_, harness_.TakeAssign(session_), 0.6);
  harness_.Restart();
  session_ = SessionId{};
  harness_.Tick(absl::Minutes(5));
  TrainAll([](const v1::Assign&) { return 0.5; });
  ASSERT_EQ(harness_.JobOf(2).state(), v1::Job::COMPLETED);
  for (const v1::Assign& assign : trained_) {
    EXPECT_EQ(assign.seed(),
              DeriveSeed(job.spec().seed(), uint64_t{(assign.id().trial() - 1) % 2}));
  }
  JobCopy copy = JobCopy::Start(harness_.state(), "2").value();
  ASSERT_FALSE(copy.ReadMore(harness_.state(), 100).value());
  const v1::Replay replay = ReplayJob(copy.job(), copy.trials(), copy.through_sequence()).value();
  EXPECT_EQ(replay.difference(), "");
  EXPECT_EQ(replay.points(), 4u);
}

TEST_F(RerunJobTest, RefusesWhatCannotBe) {
  harness_.MustSubmit(EngineHarness::Spec(4, 2));
  EXPECT_THAT(ErrorOf(Rerun(v1::Origin::REPEAT)), HasSubstr("has not ended"));
  harness_.AskAbout<v1::CancelJobRequest>(1).IgnoreError();
  EXPECT_THAT(ErrorOf(Rerun(v1::Origin::REPEAT)), HasSubstr("no trial with a value"));
  EXPECT_THAT(ErrorOf(Rerun(v1::Origin::KIND_UNSPECIFIED)), HasSubstr("kind: must be"));
  EXPECT_EQ(ErrorOf(Rerun(v1::Origin::REPEAT, 101)), "top: must be in [1, 100], got 101");
  EXPECT_EQ(ErrorOf(Rerun(v1::Origin::REPEAT, 5, -1)), "seeds: must be in [1, 100], got -1");
  EXPECT_THAT(ErrorOf(Rerun(v1::Origin::REPEAT, 5, 5, "letters")), HasSubstr("dataset: a repeat"));
  v1::GetRerunRequest request;
  request.set_job("1");
  const auto report = GetRerun(harness_.state(), request);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("caviar repeat 1"));
}

TEST_F(RerunJobTest, ARepeatNeedsTheVeryData) {
  RunJob();
  ASSERT_TRUE(DeleteDataset("letters").ok());
  Import("letters", 4);
  EXPECT_THAT(ErrorOf(Rerun(v1::Origin::REPEAT)), HasSubstr("not the one that job 1 was trained"));
}

TEST_F(RerunJobTest, ARerunHasNoOtherPointsToExtendItBy) {
  RunJob();
  ASSERT_TRUE(Rerun(v1::Origin::REPEAT, 1, 2).ok());
  EXPECT_THAT(ErrorOf(harness_.Extend(2, 1)), HasSubstr("trains the points of job 1 again"));
}

}  // namespace
}  // namespace caviar::engine
