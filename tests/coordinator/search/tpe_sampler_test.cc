#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "coordinator/search/job_sampler.h"
#include "coordinator/search/unit_draw.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

constexpr char kTpe[] = R"({"startupTrials": 10, "candidates": 24, "goodShare": 0.1, "goodMax": 25,
                            "priorWeight": 1})";

v1::JobSpec TpeJob(const std::string& space, uint32_t seed, int trials = 100) {
  v1::JobSpec spec =
      SpecFromJson(std::string("{\"sampler\": {\"tpe\": ") + kTpe + "}, \"space\": " + space + "}");
  spec.mutable_budget()->set_trials(trials);
  spec.set_seed(seed);
  return spec;
}

JobSampler SamplerOf(const v1::JobSpec& spec) {
  absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
  EXPECT_TRUE(sampler.ok()) << sampler.status();
  return *std::move(sampler);
}

constexpr char kTpeSpace[] = R"({"x": {"uniform": {"min": 0, "max": 1}},
                               "y": {"uniform": {"min": 0, "max": 1}}})";

double TpeBowl(const Point& point) {
  return std::pow(point.fields().at("x").number_value() - 0.3, 2) +
         std::pow(point.fields().at("y").number_value() - 0.8, 2);
}

// `trials` at random, in this order of their ends (numbers from 1).
Observations RandomTrials(const Space& space, const std::vector<uint32_t>& ends, int trials) {
  Observations observations(space, v1::Objective::MINIMIZE);
  std::vector<Point> points;
  for (int k = 1; k <= trials; ++k) {
    points.push_back(space.AtUnit(DrawUnit(space, 5, k)));
    observations.AddTrial(space, points.back());
  }
  for (const uint32_t number : ends) {
    observations.EndTrial(number, Observations::Outcome::kCompleted, TpeBowl(points[number - 1]),
                          1);
  }
  return observations;
}

TEST(TpeSamplerTest, StartsWithTheSobolSequence) {
  const JobSampler tpe = SamplerOf(TpeJob(kTpeSpace, 3));
  const Space space = SpaceFromJson(kTpeSpace);
  const auto sobol = MakeSobolSampler();
  const Observations observations = RandomTrials(space, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 12);
  EXPECT_TRUE(SamePoint(tpe.Propose(13, {}, observations)->point,
                        sobol->Propose({.space = space, .seed = 3, .trial_number = 13})->point));
}

TEST(TpeSamplerTest, DoesNotCareInWhichOrderTrialsEnded) {
  const JobSampler tpe = SamplerOf(TpeJob(kTpeSpace, 3));
  std::vector<uint32_t> ends(30);
  for (uint32_t i = 0; i < 30; ++i) ends[i] = i + 1;
  const Observations forwards = RandomTrials(tpe.space(), ends, 33);
  std::reverse(ends.begin(), ends.end());
  const Observations backwards = RandomTrials(tpe.space(), ends, 33);
  for (uint32_t trial = 34; trial < 40; ++trial) {
    const Point point = tpe.Propose(trial, {}, forwards)->point;
    EXPECT_TRUE(SamePoint(point, tpe.Propose(trial, {}, backwards)->point));
    EXPECT_TRUE(SamePoint(point, tpe.Propose(trial, {}, forwards)->point));
  }
}

TEST(TpeSamplerTest, LooksWhereGoodTrialsAre) {
  const JobSampler tpe = SamplerOf(TpeJob(kTpeSpace, 4));
  std::vector<uint32_t> ends(60);
  for (uint32_t i = 0; i < 60; ++i) ends[i] = i + 1;
  const Observations observations = RandomTrials(tpe.space(), ends, 60);
  std::vector<double> values;
  for (uint32_t trial = 61; trial < 92; ++trial) {
    values.push_back(TpeBowl(tpe.Propose(trial, {}, observations)->point));
  }
  std::nth_element(values.begin(), values.begin() + 15, values.end());
  EXPECT_LT(values[15], 0.03);  // of random points, the median is 0.2
}

TEST(TpeSamplerTest, KeepsAwayFromRunningTrials) {
  // Two dozen trials run at the best place that is known; the next is not put there as well.
  const JobSampler tpe = SamplerOf(TpeJob(kTpeSpace, 4));
  std::vector<uint32_t> ends(40);
  for (uint32_t i = 0; i < 40; ++i) ends[i] = i + 1;
  const Observations alone = RandomTrials(tpe.space(), ends, 40);
  Observations crowded = alone;
  const Point best = tpe.Propose(41, {}, alone)->point;
  for (int i = 0; i < 24; ++i) crowded.AddTrial(tpe.space(), best);
  const auto distance = [&best](const Point& point) {
    return std::hypot(point.fields().at("x").number_value() - best.fields().at("x").number_value(),
                      point.fields().at("y").number_value() - best.fields().at("y").number_value());
  };
  double without = 0;
  double with = 0;
  for (uint32_t trial = 100; trial < 130; ++trial) {
    without += distance(tpe.Propose(trial, {}, alone)->point);
    with += distance(tpe.Propose(trial, {}, crowded)->point);
  }
  EXPECT_GT(with, 1.2 * without);
}

TEST(TpeSamplerTest, TriesNoPointOfASmallSpaceTwiceWhileThereAreOthers) {
  const v1::JobSpec spec = TpeJob(R"({"a": {"choice": ["x", "y", "z"]},
                                      "n": {"int": {"min": 1, "max": 4}},
                                      "m": {"values": [8, 16], "when": {"a": ["y"]}}})",
                                  9);
  const JobSampler tpe = SamplerOf(spec);
  Observations observations(tpe.space(), v1::Objective::MINIMIZE);
  std::set<std::string> after_start;
  for (uint32_t trial = 1; trial <= 10; ++trial) {
    const Point point = tpe.space().AtUnit(DrawUnit(tpe.space(), 1, trial));
    observations.AddTrial(tpe.space(), point);
    observations.EndTrial(trial, Observations::Outcome::kCompleted, 0.1 * trial, 1);
    after_start.insert(PointText(point));
  }
  // 2 * 4 + 4 * 2 points in all.
  for (uint32_t trial = 11; after_start.size() < 14; ++trial) {
    ASSERT_LT(trial, 20u);
    const Point point = tpe.Propose(trial, {}, observations)->point;
    EXPECT_TRUE(after_start.insert(PointText(point)).second) << PointText(point);
    observations.AddTrial(tpe.space(), point);  // runs
  }
}

TEST(TpeSamplerTest, LearnsFromTrialsOfAnotherJobBeforeItsOwn) {
  const JobSampler tpe = SamplerOf(TpeJob(kTpeSpace, 8));
  Observations observations(tpe.space(), v1::Objective::MINIMIZE);
  for (int k = 1; k <= 60; ++k) {
    const Point point = tpe.space().AtUnit(DrawUnit(tpe.space(), 2, k));
    observations.AddPrior(tpe.space(), point, TpeBowl(point));
  }
  std::vector<double> values;
  for (uint32_t trial = 1; trial < 32; ++trial) {
    values.push_back(TpeBowl(tpe.Propose(trial, {}, observations)->point));
  }
  std::nth_element(values.begin(), values.begin() + 15, values.end());
  EXPECT_LT(values[15], 0.03);
}

// At the lower rung the upper right corner looks good; at the higher one, the bowl's floor does.
TEST(TpeSamplerTest, WithBohbItLearnsAtTheHighestRungThatEnoughTrialsCameTo) {
  v1::JobSpec spec = TpeJob(kTpeSpace, 8);
  spec.mutable_scheduler()->mutable_bohb();
  const JobSampler bohb = SamplerOf(spec);
  Observations observations(bohb.space(), v1::Objective::MINIMIZE);
  std::vector<Point> points;
  for (uint32_t k = 1; k <= 60; ++k) {
    points.push_back(bohb.space().AtUnit(DrawUnit(bohb.space(), 2, k)));
    observations.AddTrial(bohb.space(), points.back());
    observations.ReportRung(k, -TpeBowl(points.back()), 1);
  }
  const auto median = [&] {
    std::vector<double> values;
    for (uint32_t trial = 61; trial < 92; ++trial) {
      values.push_back(TpeBowl(bohb.Propose(trial, {}, observations)->point));
    }
    std::nth_element(values.begin(), values.begin() + 15, values.end());
    return values[15];
  };
  const double misled = median();
  for (uint32_t k = 1; k <= 40; ++k) observations.ReportRung(k, TpeBowl(points[k - 1]), 3);
  EXPECT_LT(median(), 0.04);
  EXPECT_GT(misled, 0.2);
}

}  // namespace
}  // namespace caviar::search
