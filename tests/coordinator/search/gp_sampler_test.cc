#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <string>
#include <vector>

#include "coordinator/search/expand_job.h"
#include "coordinator/search/gp_targets.h"
#include "coordinator/search/job_sampler.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/observed_job.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

using Outcome = Observations::Outcome;

const char* const kGp = R"({"gp": {"startup_trials": 5, "acquisition": "LOG_EI"}})";
const char* const kUcb = R"({"gp": {"startup_trials": 5, "acquisition": "UCB_PE"}})";
const char* const kUnitSquare = R"({"space": {"x": {"uniform": {"min": 0, "max": 1}},
                                              "y": {"uniform": {"min": 0, "max": 1}}}})";

v1::JobSpec UnitSquare(const char* sampler, uint32_t seed) {
  return ObservedSpec(sampler, SpecFromJson(kUnitSquare).space(), seed);
}

double At(const Point& point, const char* name) { return point.fields().at(name).number_value(); }

double Valley(const Point& point) {
  return std::pow(At(point, "x") - 0.2, 2) + 0.5 * std::pow(At(point, "y") - 0.7, 2);
}

TEST(GpSamplerTest, StartsAtTheCentre) {
  const ObservedJob job(UnitSquare(kGp, 1), {.trials = 2}, Valley);
  EXPECT_EQ(PointText(job.proposals[0].point), "x=0.5 y=0.5 ");
  EXPECT_NE(PointText(job.proposals[1].point), "x=0.5 y=0.5 ");
}

TEST(GpSamplerTest, FindsTheFloorOfASmoothValleyWithinTwentyTrials) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    EXPECT_LT(ObservedJob(UnitSquare(kGp, seed), {.trials = 20}, Valley).best, 1e-3) << seed;
    EXPECT_LT(ObservedJob(UnitSquare(kUcb, seed), {.trials = 20}, Valley).best, 1e-2) << seed;
  }
}

// To one model of the whole square the dents are noise: it is the boxes around the best that find
// the deepest of them, and its floor.
TEST(GpSamplerTest, FindsTheDeepestOfManyDents) {
  const auto dents = [](const Point& point) {
    double sum = 0;
    for (const double off : {At(point, "x") - 0.63, At(point, "y") - 0.29}) {
      sum += 4 * off * off + 0.1 * (1 - std::cos(2 * std::numbers::pi * off / 0.1));
    }
    return sum;
  };
  int found = 0;
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    // Beside the deepest the next ones lie at 0.04.
    if (ObservedJob(UnitSquare(kGp, seed), {.trials = 100}, dents).best < 0.03) ++found;
  }
  EXPECT_GE(found, 3);
}

// Boxes that have nothing new left do not end the search.
TEST(GpSamplerTest, TriesEveryPointOfASmallSpaceOnce) {
  const auto space = SpecFromJson(R"({"space": {"x": {"int": {"min": 1, "max": 6}},
                                                "y": {"int": {"min": 1, "max": 5}}}})")
                         .space();
  const auto loss = [](const Point& point) {
    return std::abs(At(point, "x") * At(point, "y") - 7);
  };
  const ObservedJob job(ObservedSpec(kGp, space, 1), {.trials = 30}, loss);
  std::set<std::string> points;
  for (const Proposal& proposal : job.proposals) points.insert(PointText(proposal.point));
  EXPECT_EQ(points.size(), 30u);
}

// ucb_pe explores, so that its points lie apart; log_ei may want several close to an optimum that
// it is sure of, but never the same.
TEST(GpSamplerTest, WorkersThatAskAtOnceGetDifferentPoints) {
  for (const char* sampler : {kGp, kUcb}) {
    const v1::JobSpec spec = UnitSquare(sampler, 2);
    ObservedJob job(spec, {.trials = 15}, Valley);
    const JobSampler asked = *JobSampler::Create(spec);
    std::vector<Point> batch;
    for (uint32_t number = 16; number <= 20; ++number) {
      const Proposal proposal = *asked.Propose(number, {}, job.observations);
      job.observations.AddTrial(asked.space(), proposal.point, proposal.note);
      for (const Point& other : batch) {
        const double distance = std::hypot(At(proposal.point, "x") - At(other, "x"),
                                           At(proposal.point, "y") - At(other, "y"));
        EXPECT_GT(distance, sampler == kUcb ? 1e-3 : 0) << sampler;
      }
      batch.push_back(proposal.point);
    }
  }
}

TEST(GpSamplerTest, ChoosesTheBetterCategoryAndItsOwnOptimum) {
  const auto space = SpecFromJson(R"({"space": {
      "optimizer": {"choice": ["a", "b", "c"]},
      "rate": {"log": {"min": 0.0001, "max": 1}},
      "beta": {"uniform": {"min": 0, "max": 1}, "when": {"optimizer": ["b"]}},
      "layers": {"int": {"min": 1, "max": 6}}}})")
                         .space();
  const auto loss = [](const Point& point) {
    const std::string& optimizer = point.fields().at("optimizer").string_value();
    const double rate = std::log10(At(point, "rate"));
    double sum = std::pow(At(point, "layers") - 4, 2) * 0.1;
    sum += std::pow(rate - (optimizer == "b" ? -3 : -1), 2) + (optimizer == "b" ? 0 : 0.5);
    if (optimizer == "b") sum += std::pow(At(point, "beta") - 0.8, 2);
    return sum;
  };
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    EXPECT_LT(ObservedJob(ObservedSpec(kGp, space, seed), {.trials = 45, .parallel = 2}, loss).best,
              0.2)
        << seed;
  }
}

Observations WithLosses(const Space& space, const std::vector<double>& losses) {
  Observations observations(space, v1::Objective::MINIMIZE);
  for (size_t i = 0; i < losses.size(); ++i) {
    observations.AddTrial(space, space.AtUnit(std::vector<double>{0.5}));
    observations.EndTrial(static_cast<uint32_t>(i + 1), Outcome::kCompleted, losses[i], 3);
  }
  return observations;
}

Space LineSpace() { return SpaceFromJson(R"({"x": {"uniform": {"min": 0, "max": 1}}})"); }

TEST(GpTargetsTest, KeepTheLowerHalfsShapeAndTheUpperHalfsOrder) {
  const Space space = LineSpace();
  const Observations observations = WithLosses(space, {3, 1, 1e9, 2, 1e6});
  const std::vector<size_t> rows = {0, 1, 2, 3, 4};
  const std::vector<double> targets = GpTargets(observations, rows);
  EXPECT_NEAR(targets[3] - targets[1], targets[0] - targets[3], 1e-12);  // 1, 2, 3
  EXPECT_LT(targets[0], targets[4]);
  EXPECT_LT(targets[4], targets[2]);
  EXPECT_LT(targets[2] - targets[0], 3 * (targets[0] - targets[1]));
  double sum = 0;
  for (const double target : targets) sum += target;
  EXPECT_NEAR(sum, 0, 1e-12);
}

TEST(GpTargetsTest, InfeasibleTrialsCountLikeTheWorstAndStoppedOnesNeverAsTheBest) {
  const Space space = LineSpace();
  Observations observations = WithLosses(space, {3, 1, 5});
  for (int i = 0; i < 2; ++i) {
    observations.AddTrial(space, space.AtUnit(std::vector<double>{0.5}));
  }
  observations.EndTrial(4, Outcome::kInfeasible, -7.0, 1);
  observations.EndTrial(5, Outcome::kPruned, 0.5, 1);
  const std::vector<double> targets = GpTargets(observations, std::vector<size_t>{0, 1, 2, 3, 4});
  EXPECT_EQ(targets[3], targets[2]);
  EXPECT_EQ(targets[4], targets[1]);
}

TEST(GpTargetsTest, EqualLossesAndNoLossAtAllAreZero) {
  const Space space = LineSpace();
  EXPECT_EQ(GpTargets(WithLosses(space, {2, 2}), std::vector<size_t>{0, 1}),
            (std::vector<double>{0, 0}));
  Observations none(space, v1::Objective::MINIMIZE);
  none.AddTrial(space, space.AtUnit(std::vector<double>{0.5}));
  none.EndTrial(1, Outcome::kInfeasible, std::nullopt, 0);
  EXPECT_EQ(GpTargets(none, std::vector<size_t>{0}), std::vector<double>{0});
}

TEST(GpTargetsTest, OfManyTrialsTheBestAndTheNewestAreKept) {
  const Space space = LineSpace();
  Observations observations = WithLosses(space, {5, 1, 6, 2, 7, 8, 9, 10});
  observations.AddTrial(space, space.AtUnit(std::vector<double>{0.5}));  // runs
  EXPECT_EQ(BestAndNewest(observations, 4), (std::vector<size_t>{1, 3, 6, 7}));
  EXPECT_EQ(BestAndNewest(observations, 8).size(), 8u);
  const auto odd = [](size_t row) { return row % 2 == 1; };
  EXPECT_EQ(BestAndNewest(observations, 2, odd), (std::vector<size_t>{1, 7}));
}

TEST(GpSettingsTest, DefaultsAreTenStartupTrialsAndLogEi) {
  const v1::JobSpec spec = SpecFromJson(R"({"dataset": "d", "sampler": {"gp": {}}})");
  const absl::StatusOr<ExpandedJob> job = ExpandJob(spec, v1::Dataset(), 1);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->spec.sampler().gp().startup_trials(), 10);
  EXPECT_EQ(job->spec.sampler().gp().acquisition(), v1::GpSampler::LOG_EI);
}

TEST(GpSettingsTest, RefusesTooFewStartupTrials) {
  const v1::JobSpec spec =
      SpecFromJson(R"({"dataset": "d", "sampler": {"gp": {"startup_trials": 1}}})");
  EXPECT_EQ(ExpandJob(spec, v1::Dataset(), 1).status().message(),
            "sampler.gp.startup_trials: must be in [2, 1000], or 0 for 10, got 1");
}

}  // namespace
}  // namespace caviar::search
