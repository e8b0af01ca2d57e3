#include <cmath>
#include <map>
#include <vector>

#include "coordinator/search/cmaes_distribution.h"
#include "coordinator/search/expand_job.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/observed_job.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

using Outcome = Observations::Outcome;

const char* const kSquare = R"({"space": {"x": {"uniform": {"min": 0, "max": 1}},
                                          "y": {"uniform": {"min": 0, "max": 1}}}})";
const char* const kCmaes = R"({"cmaes": {"population": 6, "sigma": 0.1667}})";

double Bowl(const Point& point) {
  return std::pow(point.fields().at("x").number_value() - 0.2, 2) +
         std::pow(point.fields().at("y").number_value() - 0.7, 2);
}

v1::JobSpec SquareSpec(uint32_t seed) {
  return ObservedSpec(kCmaes, SpecFromJson(kSquare).space(), seed);
}

TEST(CmaesSamplerTest, AGenerationEndsWhenAPopulationOfItHasEnded) {
  const ObservedJob job(SquareSpec(1), {.trials = 40, .parallel = 1}, Bowl);
  for (size_t k = 0; k < job.proposals.size(); ++k) {
    EXPECT_EQ(job.proposals[k].note, k / 6 + 1) << "trial " << k + 1;
  }
}

TEST(CmaesSamplerTest, TrialsThatNeverEndHoldNoGenerationUp) {
  const ObservedJob job(SquareSpec(1), {.trials = 60, .parallel = 4, .has_accidents = true}, Bowl);
  EXPECT_GE(job.proposals.back().note, 7u);
  std::map<uint32_t, int> drawn;
  for (const Proposal& proposal : job.proposals) ++drawn[proposal.note];
  for (const auto& [generation, trials] : drawn) EXPECT_LE(trials, 6 + 4 + 2) << generation;
}

TEST(CmaesSamplerTest, ALateTrialCountsForItsGeneration) {
  const v1::JobSpec spec = SquareSpec(2);
  ObservedJob job(spec, {.trials = 13, .parallel = 7}, Bowl);
  const JobSampler sampler = *JobSampler::Create(spec);
  const Proposal before = *sampler.Propose(14, {}, job.observations);
  job.observations.EndTrial(8, Outcome::kCompleted, -100.0, 3);
  const Proposal after = *sampler.Propose(14, {}, job.observations);
  EXPECT_FALSE(SamePoint(before.point, after.point));
}

TEST(CmaesSamplerTest, MaximizingIsMinimizingTheNegative) {
  v1::JobSpec spec = SquareSpec(3);
  const ObservedJob job(spec, {.trials = 30}, Bowl);
  const JobSampler sampler = *JobSampler::Create(spec);
  Observations negated(sampler.space(), v1::Objective::MAXIMIZE);
  for (uint32_t number = 1; number <= 30; ++number) {
    const Proposal& proposal = job.proposals[number - 1];
    negated.AddTrial(sampler.space(), proposal.point, proposal.note);
    negated.EndTrial(number, Outcome::kCompleted, -Bowl(proposal.point), 3);
  }
  EXPECT_TRUE(SamePoint(sampler.Propose(31, {}, negated)->point,
                        sampler.Propose(31, {}, job.observations)->point));
}

TEST(CmaesSamplerTest, StartsAgainFromElsewhereWithTwiceThePopulationOnceConverged) {
  const ObservedJob job(SquareSpec(4), {.trials = 900}, Bowl);
  EXPECT_LT(job.best, 1e-7);
  std::map<uint32_t, int> drawn;
  for (const Proposal& proposal : job.proposals) ++drawn[proposal.note];
  EXPECT_EQ(drawn.begin()->second, 6);
  int largest = 0;
  for (const auto& [generation, trials] : drawn) largest = std::max(largest, trials);
  EXPECT_GE(largest, 12);
}

TEST(CmaesSamplerTest, WholeNumbersKeepMovingToTheEnd) {
  const auto space = SpecFromJson(R"({"space": {"n": {"int": {"min": 1, "max": 20}},
                                                "x": {"uniform": {"min": 0, "max": 1}}}})")
                         .space();
  const auto loss = [](const Point& point) {
    return std::pow(point.fields().at("n").number_value() - 17, 2) +
           std::pow(point.fields().at("x").number_value() - 0.4, 2);
  };
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    const ObservedJob job(ObservedSpec(kCmaes, space, seed), {.trials = 150}, loss);
    std::map<double, int> late;
    for (size_t k = 90; k < 150; ++k) {
      ++late[job.proposals[k].point.fields().at("n").number_value()];
    }
    EXPECT_GE(late.size(), 2u) << "seed " << seed;
    EXPECT_GT(late[17], 20) << "seed " << seed;
  }
}

TEST(CmaesSamplerTest, SharesMoveToTheBetterChoiceAndLeaveNoneOut) {
  const auto space = SpecFromJson(R"({"space": {"c": {"choice": ["a", "b", "c"]},
                                                "x": {"uniform": {"min": 0, "max": 1}}}})")
                         .space();
  const auto loss = [](const Point& point) {
    return (point.fields().at("c").string_value() == "b" ? 0 : 1) +
           0.1 * point.fields().at("x").number_value();
  };
  std::map<std::string, int> late;
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    const ObservedJob job(ObservedSpec(kCmaes, space, seed), {.trials = 60}, loss);
    for (size_t k = 30; k < 60; ++k) {
      ++late[job.proposals[k].point.fields().at("c").string_value()];
    }
  }
  EXPECT_GT(late["b"], 210);
  EXPECT_GE(late["a"], 1);
  EXPECT_GE(late["c"], 1);
}

TEST(CmaesSamplerTest, AnotherJobsTrialsShapeTheFirstGeneration) {
  const v1::JobSpec spec = SquareSpec(5);
  const JobSampler sampler = *JobSampler::Create(spec);
  Observations warm(sampler.space(), v1::Objective::MINIMIZE);
  for (int i = 0; i < 100; ++i) {
    const Point point = sampler.space().AtUnit(std::vector<double>{i % 10 / 10.0, i / 100.0});
    warm.AddPrior(sampler.space(), point, Bowl(point));
  }
  double distance = 0;
  for (uint32_t number = 1; number <= 6; ++number) {
    const Proposal proposal = *sampler.Propose(number, {}, warm);
    distance += Bowl(proposal.point) / 6;
    warm.AddTrial(sampler.space(), proposal.point, proposal.note);
  }
  EXPECT_LT(distance, 0.08);  // around the centre it would be some 0.18
}

TEST(CmaesSettingsTest, DefaultsFollowTheNumberOfNumericParameters) {
  v1::JobSpec spec = SpecFromJson(R"({"dataset": "d", "sampler": {"cmaes": {}},
    "space": {"learning_rate": {"log": {"min": 0.001, "max": 1}},
              "dropout": {"uniform": {"min": 0, "max": 0.5}},
              "optimizer": {"choice": ["adam", "rmsprop"]}}})");
  const absl::StatusOr<ExpandedJob> job = ExpandJob(spec, v1::Dataset(), 1);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->spec.sampler().cmaes().population(), 6);  // 4 + floor(3 ln 2)
  EXPECT_DOUBLE_EQ(job->spec.sampler().cmaes().sigma(), 1.0 / 6);
}

TEST(CmaesSettingsTest, RefusesWhatCannotWork) {
  const v1::JobSpec spec =
      SpecFromJson(R"({"dataset": "d", "sampler": {"cmaes": {"population": 3, "sigma": 1.5}}})");
  const absl::Status status = ExpandJob(spec, v1::Dataset(), 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "sampler.cmaes.population: must be in [4, 1000], or 0 for 4 + floor(3 ln d), got 3\n"
            "sampler.cmaes.sigma: must be in (0, 1], a share of each range, got 1.5");
}

}  // namespace
}  // namespace caviar::search
