#include "coordinator/search/terminator.h"

#include <cmath>

#include "common/random/rng.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/observed_job.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

const char* const kPlane = R"({"space": {"x": {"uniform": {"min": 0, "max": 1}},
                                         "y": {"uniform": {"min": 0, "max": 1}}}})";
const char* const kLogEi = R"({"gp": {"startup_trials": 5, "acquisition": "LOG_EI"}})";

double ValleyOf(const Point& point) {
  const double x = point.fields().at("x").number_value();
  const double y = point.fields().at("y").number_value();
  return std::pow(x - 0.2, 2) + 0.5 * std::pow(y - 0.7, 2);
}

Remaining After(int trials, const std::function<double(const Point&)>& loss, double floor = 0) {
  const v1::JobSpec spec = ObservedSpec(kLogEi, SpecFromJson(kPlane).space(), 3);
  const ObservedJob job(spec, {.trials = trials}, loss);
  const JobSampler sampler = *JobSampler::Create(spec);
  return AssessRemaining(sampler.space(), job.observations, 1, floor);
}

TEST(TerminatorTest, KnowsNothingOfFewTrials) {
  EXPECT_TRUE(std::isinf(After(3, ValleyOf).improvement));
}

TEST(TerminatorTest, SeesLessLeftTheMoreIsKnown) {
  EXPECT_GT(After(6, ValleyOf).improvement, 10 * After(40, ValleyOf).improvement);
  EXPECT_LT(After(40, ValleyOf).improvement, 0.01) << "the floor is 0";
}

TEST(TerminatorTest, FindsTheNoiseOfAnObjective) {
  Rng rng(5);
  const Remaining noisy =
      After(80, [&rng](const Point& point) { return ValleyOf(point) + 0.05 * rng.Normal(); });
  EXPECT_GT(noisy.noise, 0.02);
  EXPECT_LT(noisy.noise, 0.1);
  EXPECT_LT(After(40, ValleyOf).noise, 0.01);
}

TEST(TerminatorTest, TakesTheNoiseToBeNoLessThanItsFloor) {
  EXPECT_EQ(After(40, ValleyOf, 0.25).noise, 0.25);
}

TEST(TerminatorTest, IsInTheUnitsOfTheObjective) {
  const Remaining small = After(20, ValleyOf);
  const Remaining large = After(20, [](const Point& point) { return 1000 * ValleyOf(point); });
  EXPECT_NEAR(large.improvement, 1000 * small.improvement, 1 * small.improvement + 1e-9);
}

TEST(TerminatorTest, HasNothingToSayOfAConstant) {
  const Remaining flat = After(20, [](const Point&) { return 0.5; });
  EXPECT_EQ(flat.improvement, 0);
  EXPECT_EQ(flat.noise, 0);
}

}  // namespace
}  // namespace caviar::search
