// What constraints promise of every sampler, over random spaces: no point breaks one.
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/grid.h"
#include "coordinator/search/job_sampler.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

const char* const kEverySampler[] = {
    R"({"random": {}})",
    R"({"sobol": {}})",
    R"({"grid": {"points": 3}})",
    R"({"zoom": {"rounds": 4, "keep": 0.3, "explore": 0.1}})",
    R"({"tpe": {"startupTrials": 5, "candidates": 24, "goodShare": 0.1, "goodMax": 25,
                "priorWeight": 1}})",
    R"({"cmaes": {"population": 6, "sigma": 0.17}})",
    R"({"gp": {"startup_trials": 5, "acquisition": "LOG_EI"}})",
    R"({"gp": {"startup_trials": 5, "acquisition": "UCB_PE"}})",
};

v1::JobSpec Job(const v1::JobSpec& space, absl::string_view sampler, int trials) {
  v1::JobSpec spec = SpecFromJson(absl::StrCat("{\"sampler\": ", sampler, "}"));
  *spec.mutable_space() = space.space();
  *spec.mutable_constraints() = space.constraints();
  spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  spec.mutable_budget()->set_trials(trials);
  spec.set_seed(3);
  return spec;
}

// The points of a job in which each trial ends at once.
std::vector<Point> PointsOf(const v1::JobSpec& spec) {
  const absl::StatusOr<JobSampler> sampler = JobSampler::Create(spec);
  EXPECT_TRUE(sampler.ok()) << sampler.status();
  std::vector<Point> points;
  points.reserve(spec.budget().trials());
  History history(v1::Objective::MINIMIZE);
  Observations observations(sampler->space(), v1::Objective::MINIMIZE);
  for (int trial = 1; trial <= spec.budget().trials(); ++trial) {
    const absl::StatusOr<Proposal> proposal = sampler->Propose(trial, history, observations);
    if (!proposal.ok()) {
      EXPECT_TRUE(spec.sampler().has_grid()) << proposal.status();
      break;
    }
    points.push_back(proposal->point);
    const double loss =
        static_cast<double>(DeriveSeed(uint64_t{1}, PointText(points.back())) % 1000);
    history.AddPoint(points.back());
    history.AddValue(trial, &points.back(), loss);
    observations.AddTrial(sampler->space(), points.back(), proposal->note);
    observations.EndTrial(trial, Observations::Outcome::kCompleted, loss, 3);
  }
  return points;
}

TEST(ConstrainedSamplersTest, NoPointOfAnyOfThemBreaksAConstraint) {
  Rng rng(21);
  for (int i = 0; i < 25; ++i) {
    const v1::JobSpec spec = WithRandomConstraints(RandomDomains(rng, 7), rng);
    const absl::StatusOr<Space> space = Space::Create(spec);
    ASSERT_TRUE(space.ok()) << space.status();
    for (const char* sampler : kEverySampler) {
      const v1::JobSpec job = Job(spec, sampler, 25);
      for (const Point& point : PointsOf(job)) {
        EXPECT_TRUE(space->Allows(point)) << sampler << ": " << PointText(point);
        EXPECT_TRUE(space->Contains(point)) << sampler << ": " << PointText(point);
      }
    }
  }
}

TEST(ConstrainedSamplersTest, SameSeedAndTrialsGiveTheSamePoints) {
  Rng rng(22);
  for (int i = 0; i < 4; ++i) {
    const v1::JobSpec spec = WithRandomConstraints(RandomDomains(rng, 7), rng);
    for (const char* sampler : kEverySampler) {
      const std::vector<Point> first = PointsOf(Job(spec, sampler, 15));
      const std::vector<Point> second = PointsOf(Job(spec, sampler, 15));
      ASSERT_EQ(first.size(), second.size()) << sampler;
      for (size_t k = 0; k < first.size(); ++k) EXPECT_TRUE(SamePoint(first[k], second[k]));
    }
  }
}

// A sliver: one part in some thousands of the space.
constexpr char kSliver[] = R"({"space": {"a": {"uniform": {"min": 0, "max": 1}},
    "b": {"uniform": {"min": 0, "max": 1}}, "c": {"int": {"min": 1, "max": 100}}},
    "constraints": ["a + b <= 0.05", "c - 100 * a >= 80"]})";

TEST(ConstrainedSamplersTest, FindPointsWhereAlmostNothingIsAllowed) {
  const v1::JobSpec spec = SpecFromJson(kSliver);
  const absl::StatusOr<Space> space = Space::Create(spec);
  ASSERT_TRUE(space.ok()) << space.status();
  for (const char* sampler : kEverySampler) {
    const v1::JobSpec job = Job(spec, sampler, 20);
    const std::vector<Point> points = PointsOf(job);
    EXPECT_TRUE(points.size() == 20u || job.sampler().has_grid()) << sampler;
    for (const Point& point : points) {
      EXPECT_TRUE(space->Allows(point)) << sampler << ": " << PointText(point);
    }
  }
}

TEST(ConstrainedSamplersTest, DrawsFallEvenlyOnWhatIsAllowed) {
  const absl::StatusOr<Space> space = Space::Create(SpecFromJson(R"({"space": {
      "a": {"uniform": {"min": 0, "max": 1}}, "b": {"uniform": {"min": 0, "max": 1}}},
      "constraints": ["a + b <= 0.5"]})"));
  ASSERT_TRUE(space.ok()) << space.status();
  for (const bool sobol : {false, true}) {
    int small = 0;
    constexpr uint32_t kDraws = 2000;
    for (uint32_t trial = 1; trial <= kDraws; ++trial) {
      const auto point = sobol ? SobolAllowed(*space, 5, trial) : DrawAllowed(*space, 5, trial);
      ASSERT_TRUE(point.ok());
      small += point->fields().at("a").number_value() < 0.25;
    }
    // Three quarters of the triangle.
    EXPECT_NEAR(small / double{kDraws}, 0.75, 0.03) << sobol;
  }
}

TEST(ConstrainedSamplersTest, GivesUpWithAReasonWhereNothingIsAllowed) {
  const absl::StatusOr<Space> space = Space::Create(SpecFromJson(R"({"space": {
      "a": {"uniform": {"min": 0, "max": 1}}}, "constraints": ["a >= 2"]})"));
  ASSERT_TRUE(space.ok()) << space.status();
  const absl::StatusOr<Point> point = DrawAllowed(*space, 5, 1);
  EXPECT_EQ(point.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(MeasureAllowedShare(*space).allowed, 0);
}

// The grid of a constrained space is the grid of the whole one without what breaks a constraint.
TEST(ConstrainedSamplersTest, GridHasExactlyTheAllowedCombinations) {
  Rng rng(23);
  for (int i = 0; i < 100; ++i) {
    const v1::JobSpec spec = WithRandomConstraints(RandomDomains(rng, 6), rng);
    const absl::StatusOr<Space> space = Space::Create(spec);
    const absl::StatusOr<Space> whole = Space::Create(spec.space());
    ASSERT_TRUE(space.ok() && whole.ok());
    const Grid all(*whole, 3);
    std::vector<std::string> expected, found;
    for (uint64_t index = 0; index < all.size(); ++index) {
      const Point point = all.At(index);
      if (space->Allows(point)) expected.push_back(PointText(point));
    }
    const Grid grid(*space, 3);
    ASSERT_EQ(grid.size(), expected.size());
    for (uint64_t index = 0; index < grid.size(); ++index) {
      found.push_back(PointText(grid.At(index)));
    }
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace caviar::search
