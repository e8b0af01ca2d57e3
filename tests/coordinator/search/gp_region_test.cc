#include "coordinator/search/gp_region.h"

#include <cmath>
#include <vector>

#include "common/random/rng.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

using Outcome = Observations::Outcome;

constexpr uint32_t kBudget = 100;

Space SquareWithWords() {
  return SpaceFromJson(R"({"word": {"choice": ["a", "b"]},
                           "x": {"uniform": {"min": 0, "max": 1}},
                           "y": {"uniform": {"min": 0, "max": 1}}})");
}

// Trials at random places, ended with their distance from (0.3, 0.3): the best lie around it.
class GpRegionTest : public testing::Test {
 protected:
  void EndTrials(int count) {
    for (int i = 0; i < count; ++i) {
      EndTrialAt({rng_.Uniform(), rng_.Uniform(), rng_.Uniform()});
    }
  }

  void EndTrialAt(std::vector<double> unit) {
    const Point point = space_.AtUnit(unit);
    observations_.AddTrial(space_, point);
    const auto row = observations_.rows() - 1;
    const double x = observations_.column(x_)[row] - 0.3;
    const double y = observations_.column(y_)[row] - 0.3;
    observations_.EndTrial(static_cast<uint32_t>(row + 1), Outcome::kCompleted, std::hypot(x, y),
                           1);
  }

  SampleRequest RequestFor(uint32_t trial, uint64_t seed = 1) const {
    return {.space = space_,
            .seed = seed,
            .trial_number = trial,
            .budget_trials = kBudget,
            .observations = &observations_};
  }

  // Of the first trial from this one on that does not look everywhere.
  GpRegion CloseFrom(uint32_t trial) const {
    for (;; ++trial) {
      std::optional<GpRegion> region = CloseRegion(RequestFor(trial));
      if (region.has_value()) return *std::move(region);
    }
  }

  Rng rng_{3};
  const Space space_ = SquareWithWords();
  const int x_ = *space_.Find("x");
  const int y_ = *space_.Find("y");
  const int word_ = *space_.Find("word");
  Observations observations_{space_, v1::Objective::MINIMIZE};
};

TEST_F(GpRegionTest, TheFirstRoundLooksEverywhere) {
  EndTrials(15);
  for (uint32_t trial = 1; trial <= 20; ++trial) {
    EXPECT_FALSE(CloseRegion(RequestFor(trial)).has_value()) << trial;
  }
  const GpRegion whole = WholeRegion(RequestFor(16));
  EXPECT_EQ(whole.seen.targets.size(), 15u);
  EXPECT_TRUE(whole.seen.spans.empty());
}

TEST_F(GpRegionTest, LaterRoundsLookCloserAroundTheBest) {
  EndTrials(200);
  double width = 1;
  for (const uint32_t trial : {21u, 41u, 61u, 81u}) {
    const GpRegion region = CloseFrom(trial);
    EXPECT_LT(region.box.lower[x_], 0.3);
    EXPECT_GT(region.box.upper[x_], 0.3);
    EXPECT_LT(region.box.upper[x_] - region.box.lower[x_], width);
    width = region.box.upper[x_] - region.box.lower[x_];
    // Words have no close ones.
    EXPECT_EQ(region.box.lower[word_], 0);
    EXPECT_EQ(region.box.upper[word_], 1);
  }
}

TEST_F(GpRegionTest, LearnsFromWhatLiesAroundTheBoxInUnitsOfIt) {
  EndTrials(200);
  const GpRegion region = CloseFrom(41);
  const double width = region.box.upper[x_] - region.box.lower[x_];
  EXPECT_LT(region.seen.targets.size(), 200u);
  EXPECT_EQ(region.seen.spans[x_], width);
  EXPECT_EQ(region.seen.spans[word_], 1);
  for (const std::vector<double>& features : region.seen.features) {
    EXPECT_GE(features[x_], region.box.lower[x_] - width);
    EXPECT_LE(features[x_], region.box.upper[x_] + width);
  }
}

TEST_F(GpRegionTest, LearnsFromEverythingWhereTooFewLieAround) {
  EndTrials(6);
  EndTrialAt(std::vector<double>(3, 0.3));
  const GpRegion region = CloseFrom(81);
  EXPECT_EQ(region.seen.targets.size(), 7u);
  EXPECT_TRUE(region.seen.spans.empty());
  EXPECT_LT(region.box.upper[x_], 1);
}

TEST_F(GpRegionTest, SomeLaterTrialsStillLookEverywhereMoreWhereThereAreChoices) {
  const Space line = SpaceFromJson(R"({"x": {"uniform": {"min": 0, "max": 1}}})");
  Observations on_line(line, v1::Objective::MINIMIZE);
  for (int i = 1; i <= 30; ++i) {
    on_line.AddTrial(line, line.AtUnit(std::vector<double>{i / 31.0}));
    on_line.EndTrial(static_cast<uint32_t>(i), Outcome::kCompleted, std::abs(i - 11.0), 1);
  }
  EndTrials(50);
  int everywhere = 0;
  int everywhere_on_line = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    if (!CloseRegion(RequestFor(60, seed)).has_value()) ++everywhere;
    const SampleRequest request{.space = line,
                                .seed = seed,
                                .trial_number = 60,
                                .budget_trials = kBudget,
                                .observations = &on_line};
    if (!CloseRegion(request).has_value()) ++everywhere_on_line;
  }
  EXPECT_NEAR(everywhere, 120, 40);
  EXPECT_NEAR(everywhere_on_line, 40, 20);
}

TEST_F(GpRegionTest, WithoutAValueThereIsNowhereToLookCloser) {
  for (int i = 1; i <= 30; ++i) {
    observations_.AddTrial(space_, space_.AtUnit(std::vector<double>(3, i / 31.0)));
    observations_.EndTrial(static_cast<uint32_t>(i), Outcome::kInfeasible, std::nullopt, 0);
  }
  for (uint32_t trial = 31; trial <= kBudget; ++trial) {
    EXPECT_FALSE(CloseRegion(RequestFor(trial)).has_value());
  }
}

}  // namespace
}  // namespace caviar::search
