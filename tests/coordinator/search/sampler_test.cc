#include "coordinator/search/sampler.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/job_sampler.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

v1::JobSpec JobWith(absl::string_view sampler,
                    const google::protobuf::Map<std::string, v1::Domain>& space) {
  v1::JobSpec spec = SpecFromJson(sampler);
  *spec.mutable_space() = space;
  spec.mutable_objective()->set_direction(v1::Objective::MAXIMIZE);
  spec.mutable_budget()->set_trials(40);
  spec.set_seed(7);
  return spec;
}

const char* const kAllSamplers[] = {
    R"({"sampler": {"random": {}}})", R"({"sampler": {"sobol": {}}})",
    R"({"sampler": {"grid": {"points": 2}}})",
    R"({"sampler": {"zoom": {"rounds": 4, "keep": 0.3, "explore": 0.1}}})",
    R"({"sampler": {"tpe": {"startupTrials": 5, "candidates": 24, "goodShare": 0.1, "goodMax": 25,
                            "priorWeight": 1}}})"};

// Runs a job one trial after the other, with a value that depends on the point alone.
std::vector<Point> RunJob(const v1::JobSpec& spec) {
  const absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
  EXPECT_TRUE(sampler.ok()) << sampler.status();
  std::vector<Point> points;
  points.reserve(spec.budget().trials());
  History history(spec.objective().direction());
  Observations observations(sampler->space(), spec.objective().direction());
  for (int trial = 1; trial <= spec.budget().trials(); ++trial) {
    const absl::StatusOr<Proposal> proposal = sampler->Propose(trial, history, observations);
    if (!proposal.ok()) {
      EXPECT_EQ(proposal.status().code(), absl::StatusCode::kOutOfRange);
      break;
    }
    points.push_back(proposal->point);
    const double value =
        static_cast<double>(DeriveSeed(uint64_t{1}, PointText(points.back())) % 1000);
    history.AddPoint(points.back());
    observations.AddTrial(sampler->space(), points.back(), proposal->note);
    if (trial % 5 == 0) {
      observations.EndTrial(static_cast<uint32_t>(trial), Observations::Outcome::kPruned, value, 3);
    } else if (trial % 7 != 0) {
      observations.EndTrial(static_cast<uint32_t>(trial), Observations::Outcome::kCompleted, value,
                            9);
    }
    if (trial % 7 != 0) history.AddValue(static_cast<uint32_t>(trial), &points.back(), value);
  }
  return points;
}

TEST(SamplerTest, EverySamplerStaysInsideConditionalSpaces) {
  Rng rng(5);
  for (int i = 0; i < 60; ++i) {
    const auto domains = RandomDomains(rng, 8);
    for (const char* sampler : kAllSamplers) {
      const v1::JobSpec spec = JobWith(sampler, domains);
      const absl::StatusOr<Space> space = Space::Create(spec.space());
      ASSERT_TRUE(space.ok());
      for (const Point& point : RunJob(spec)) {
        EXPECT_TRUE(space->Contains(point)) << sampler << ": " << PointText(point);
      }
    }
  }
}

TEST(SamplerTest, SameSeedAndHistoryGiveTheSamePoints) {
  Rng rng(6);
  for (int i = 0; i < 20; ++i) {
    const auto domains = RandomDomains(rng, 8);
    for (const char* sampler : kAllSamplers) {
      const v1::JobSpec spec = JobWith(sampler, domains);
      const std::vector<Point> first = RunJob(spec);
      const std::vector<Point> second = RunJob(spec);
      ASSERT_EQ(first.size(), second.size());
      for (size_t k = 0; k < first.size(); ++k) {
        EXPECT_TRUE(SamePoint(first[k], second[k])) << sampler << " trial " << k + 1;
      }
    }
  }
}

TEST(SamplerTest, RandomGridAndSobolLookAtSeedAndTrialNumberAlone) {
  const Space space = SpaceFromJson(R"({"a": {"uniform": {"min": 0, "max": 1}},
                                        "b": {"choice": ["x", "y", "z"]}})");
  for (const char* json : {kAllSamplers[0], kAllSamplers[1], kAllSamplers[2]}) {
    const v1::JobSpec spec = SpecFromJson(json);
    const auto sampler = MakeSampler(spec.sampler(), space);
    SampleRequest plain{.space = space, .seed = 3, .trial_number = 5, .budget_trials = 10};
    const Point alone = sampler->Propose(plain)->point;
    History history(v1::Objective::MINIMIZE);
    history.AddPoint(alone);
    history.AddValue(1, &alone, 1.0);
    SampleRequest crowded{
        .space = space, .seed = 3, .trial_number = 5, .budget_trials = 99, .history = &history};
    EXPECT_TRUE(SamePoint(sampler->Propose(crowded)->point, alone)) << json;
  }
}

TEST(SamplerTest, AnotherParameterInTheSpaceChangesNoRandomDrawOfTheOthers) {
  const Space small = SpaceFromJson(R"({"m": {"uniform": {"min": 0, "max": 1}}})");
  const Space large = SpaceFromJson(R"({"m": {"uniform": {"min": 0, "max": 1}},
                                        "a": {"uniform": {"min": 0, "max": 1}},
                                        "z": {"choice": ["x", "y"]}})");
  const auto sampler = MakeRandomSampler();
  const Point in_small = sampler->Propose({.space = small, .seed = 9, .trial_number = 4})->point;
  const Point in_large = sampler->Propose({.space = large, .seed = 9, .trial_number = 4})->point;
  EXPECT_EQ(in_small.fields().at("m").number_value(), in_large.fields().at("m").number_value());
}

TEST(SamplerTest, SeedsAndTrialNumbersGiveDifferentPoints) {
  const Space space = SpaceFromJson(R"({"m": {"uniform": {"min": 0, "max": 1}}})");
  for (const auto& sampler : {MakeRandomSampler(), MakeSobolSampler()}) {
    std::set<double> values;
    for (uint64_t seed = 0; seed < 10; ++seed) {
      for (uint32_t trial = 1; trial <= 10; ++trial) {
        const Point point =
            sampler->Propose({.space = space, .seed = seed, .trial_number = trial})->point;
        values.insert(point.fields().at("m").number_value());
      }
    }
    EXPECT_EQ(values.size(), 100u);
  }
}

TEST(GridSamplerTest, SaysWhenItIsExhausted) {
  const v1::JobSpec spec =
      JobWith(kAllSamplers[2], SpecFromJson(R"({"space": {"a": {"values": [1, 2, 3]}}})").space());
  const absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
  ASSERT_TRUE(sampler.ok());
  EXPECT_TRUE(sampler->Propose(3, {}, {}).ok());
  const absl::Status end = sampler->Propose(4, {}, {}).status();
  EXPECT_EQ(end.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(end.message(), "the grid's 3 combinations are all sampled");
}

TEST(JobSamplerTest, TriesEnqueuedPointsFirstAndFillsWhatTheyLeaveOut) {
  v1::JobSpec spec = SpecFromJson(R"({
    "sampler": {"grid": {"points": 2}}, "budget": {"trials": 9},
    "space": {"a": {"values": [1, 2, 3]},
              "b": {"choice": ["x", "y"]},
              "c": {"uniform": {"min": 0, "max": 1}, "when": {"b": ["y"]}}},
    "enqueue": [{"a": 7, "b": "x", "c": 0.5}, {"b": "y", "c": 0.25}]})");
  const absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
  ASSERT_TRUE(sampler.ok());
  EXPECT_EQ(PointText(sampler->Propose(1, {}, {})->point), "a=7 b=x ");  // c is not active there
  const Point filled = sampler->Propose(2, {}, {})->point;
  EXPECT_TRUE(sampler->space().Contains(filled)) << PointText(filled);
  EXPECT_EQ(filled.fields().at("c").number_value(), 0.25);
  // The grid starts from its beginning after them.
  EXPECT_EQ(PointText(sampler->Propose(3, {}, {})->point), "a=1 b=x ");
}

TEST(JobSamplerTest, SpaceWithoutParametersGivesEmptyPoints) {
  for (const char* json : kAllSamplers) {
    v1::JobSpec spec = JobWith(json, {});
    const absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
    ASSERT_TRUE(sampler.ok());
    EXPECT_EQ(sampler->Propose(1, {}, {})->point.fields_size(), 0) << json;
  }
}

}  // namespace
}  // namespace caviar::search
