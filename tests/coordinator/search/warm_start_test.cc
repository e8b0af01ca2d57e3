// A warm start: what a point of another job is here, and that samplers learn from it.
#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/search/job_sampler.h"
#include "coordinator/search/transfer_point.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/observed_job.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

// The point here, as text; "dropped" if it is none.
std::string Here(absl::string_view here, absl::string_view there) {
  const v1::JobSpec spec = SpecFromJson(here);
  const absl::StatusOr<Space> space = Space::Create(spec);
  EXPECT_TRUE(space.ok()) << space.status();
  const v1::JobSpec other = SpecFromJson(there);
  const std::optional<Point> point =
      TransferPoint(*space, spec.fixed(), other.enqueue(0), other.fixed());
  if (!point.has_value()) return "dropped";
  EXPECT_TRUE(space->Contains(*point));
  return PointText(*point);
}

TEST(TransferPointTest, TakesValuesByNameFromThePointElseFromWhatWasFixed) {
  const char* here = R"({"space": {"a": {"uniform": {"min": 0, "max": 1}},
                                   "n": {"int": {"min": 1, "max": 9}}}})";
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5, "n": 3}]})"), "a=0.5 n=3 ");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5}], "fixed": {"n": 3}})"), "a=0.5 n=3 ");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5, "n": 3, "z": 7}]})"), "a=0.5 n=3 ");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5}]})"), "dropped") << "n is missing";
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 1.5, "n": 3}]})"), "dropped") << "out of range";
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5, "n": 3.5}]})"), "dropped") << "not whole";
}

TEST(TransferPointTest, DropsWhatDiffersFromWhatIsFixedHere) {
  const char* here = R"({"space": {"a": {"uniform": {"min": 0, "max": 1}}}, "fixed": {"f": 2}})";
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5, "f": 2}]})"), "a=0.5 ");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5, "f": 3}]})"), "dropped");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5}], "fixed": {"f": 3}})"), "dropped");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"a": 0.5}]})"), "a=0.5 ");
}

TEST(TransferPointTest, KeepsToListsConditionsAndConstraints) {
  const char* here = R"({"space": {
      "kind": {"choice": ["x", "y"]},
      "deep": {"int": {"min": 1, "max": 9}, "when": {"kind": {"values": ["x"]}}},
      "size": {"values": [16, 64]}}, "constraints": ["size <= 10 * deep"]})";
  EXPECT_EQ(Here(here, R"({"enqueue": [{"kind": "y", "deep": 3, "size": 16}]})"),
            "kind=y size=16 ");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"kind": "x", "deep": 3, "size": 16}]})"),
            "deep=3 kind=x size=16 ");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"kind": "x", "size": 16}]})"), "dropped");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"kind": "z", "size": 16}]})"), "dropped");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"kind": "y", "size": 32}]})"), "dropped");
  EXPECT_EQ(Here(here, R"({"enqueue": [{"kind": "x", "deep": 1, "size": 16}]})"), "dropped");
}

constexpr char kBox[] = R"({"space": {"x": {"uniform": {"min": -5, "max": 10}},
                                      "y": {"uniform": {"min": 0, "max": 15}},
                                      "z": {"choice": ["good", "bad"]}}})";

double ShiftedBowl(const Point& point) {
  const double x = point.fields().at("x").number_value() - 6.3;
  const double y = point.fields().at("y").number_value() - 2.2;
  return x * x + y * y + (point.fields().at("z").string_value() == "bad" ? 20 : 0);
}

const char* const kLearners[] = {
    R"({"tpe": {"startupTrials": 10, "candidates": 24, "goodShare": 0.1, "goodMax": 25,
                "priorWeight": 1}})",
    R"({"gp": {"startup_trials": 10, "acquisition": "LOG_EI"}})",
    R"({"cmaes": {"population": 7, "sigma": 0.1667}})",
    R"({"zoom": {"rounds": 5, "keep": 0.3, "explore": 0.1}})",
};

// The least loss of ten trials, of a job that has `priors` to learn from.
double BestOfTen(const char* sampler, uint32_t seed, const std::vector<Point>& priors) {
  const v1::JobSpec spec = ObservedSpec(sampler, SpecFromJson(kBox).space(), seed);
  const absl::StatusOr<JobSampler> job = JobSampler::Create(spec);
  EXPECT_TRUE(job.ok()) << job.status();
  Observations observations(job->space(), v1::Objective::MINIMIZE);
  History history(v1::Objective::MINIMIZE);
  for (const Point& point : priors) {
    observations.AddPrior(job->space(), point, ShiftedBowl(point));
    history.AddPrior(&point, ShiftedBowl(point));
  }
  if (!priors.empty()) observations.AddPrior(job->space(), priors[0], std::nullopt);
  std::deque<Point> points;
  double best = 1e9;
  for (uint32_t trial = 1; trial <= 10; ++trial) {
    const absl::StatusOr<Proposal> proposal = job->Propose(trial, history, observations);
    EXPECT_TRUE(proposal.ok()) << proposal.status();
    points.push_back(proposal->point);
    const double loss = ShiftedBowl(points.back());
    best = std::min(best, loss);
    history.AddPoint(points.back());
    history.AddValue(trial, &points.back(), loss);
    observations.AddTrial(job->space(), points.back(), proposal->note);
    observations.EndTrial(trial, Observations::Outcome::kCompleted, loss, 3);
  }
  return best;
}

TEST(WarmStartTest, EveryLearnerFindsBetterPointsInItsFirstTenTrials) {
  constexpr uint32_t kSeeds = 11;
  for (const char* sampler : kLearners) {
    std::vector<double> cold, warm;
    for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
      std::vector<Point> priors;
      const ObservedJob before(ObservedSpec(R"({"random": {}})", SpecFromJson(kBox).space(), seed),
                               {.trials = 40}, ShiftedBowl);
      for (const Proposal& proposal : before.proposals) priors.push_back(proposal.point);
      cold.push_back(BestOfTen(sampler, seed, {}));
      warm.push_back(BestOfTen(sampler, seed, priors));
    }
    std::sort(cold.begin(), cold.end());
    std::sort(warm.begin(), warm.end());
    EXPECT_LT(warm[kSeeds / 2], cold[kSeeds / 2] / 2) << sampler;
  }
}

TEST(WarmStartTest, TheFirstZoomRoundIsABoxAroundTheBestOfTheOtherJobs) {
  const v1::JobSpec spec = ObservedSpec(kLearners[3], SpecFromJson(kBox).space(), 1);
  const absl::StatusOr<JobSampler> job = JobSampler::Create(spec);
  ASSERT_TRUE(job.ok());
  const auto width = [&](const History& history) {
    const absl::StatusOr<Proposal> proposal = job->Propose(1, history, {});
    const v1::Range& range = proposal->zoom_round->space().at("x").uniform();
    return range.max() - range.min();
  };
  History cold(v1::Objective::MINIMIZE);
  EXPECT_EQ(width(cold), 15);
  std::deque<Point> points;
  for (const double x : {6.0, 6.5, -4.0}) {
    Point& point = points.emplace_back();
    (*point.mutable_fields())["x"].set_number_value(x);
    (*point.mutable_fields())["y"].set_number_value(2);
    (*point.mutable_fields())["z"].set_string_value("good");
  }
  History warm(v1::Objective::MINIMIZE);
  for (const Point& point : points) warm.AddPrior(&point, ShiftedBowl(point));
  EXPECT_LT(width(warm), 15);
  EXPECT_FALSE(warm.Contains(points[0])) << "the other job's points may be tried here";
}

}  // namespace
}  // namespace caviar::search
