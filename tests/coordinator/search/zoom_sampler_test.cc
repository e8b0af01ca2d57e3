#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/zoom_box.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

v1::ZoomSampler Settings(int rounds, double keep, double explore) {
  v1::ZoomSampler settings;
  settings.set_rounds(rounds);
  settings.set_keep(keep);
  settings.set_explore(explore);
  return settings;
}

std::vector<const Point*> Pointers(const std::vector<Point>& points) {
  std::vector<const Point*> pointers;
  for (const Point& point : points) pointers.push_back(&point);
  return pointers;
}

// In the domains that the box reports.
void ExpectInside(const ZoomBox& box, const Point& point) {
  const google::protobuf::Map<std::string, v1::Domain> domains = box.Domains();
  for (const auto& [name, value] : point.fields()) {
    const absl::StatusOr<Parameter> reported = Parameter::Create(name, domains.at(name));
    ASSERT_TRUE(reported.ok()) << reported.status();
    EXPECT_TRUE(reported->Contains(value)) << name << " of " << PointText(point);
  }
}

TEST(ZoomBoxTest, HoldsTheBestPointOfAnyConditionalSpace) {
  Rng rng(8);
  for (int i = 0; i < 300; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 8));
    ASSERT_TRUE(space.ok());
    std::vector<Point> best;
    for (int n = 0; n < 5; ++n) {
      std::vector<double> unit(space->size());
      for (double& u : unit) u = rng.Uniform();
      best.push_back(space->AtUnit(unit));
    }
    const ZoomBox box(*space, Pointers(best), 0.01);
    ExpectInside(box, best.front());
    // What it draws lies inside it, in the space, and in the domains it reports.
    std::vector<double> unit(space->size());
    for (double& u : unit) u = rng.Uniform();
    const Point drawn = space->AtUnit(box.Inside(unit));
    EXPECT_TRUE(space->Contains(drawn)) << PointText(drawn);
    ExpectInside(box, drawn);
  }
}

TEST(ZoomBoxTest, KeepsOnlyChoicesSeenAmongTheBest) {
  const Space space = SpaceFromJson(R"({"c": {"choice": ["x", "y", "z"]}})");
  std::vector<Point> best(2);
  (*best[0].mutable_fields())["c"].set_string_value("z");
  (*best[1].mutable_fields())["c"].set_string_value("x");
  const ZoomBox box(space, Pointers(best), 0.5);
  std::set<std::string> drawn;
  for (const double u : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
    drawn.insert(PointText(space.AtUnit(box.Inside(std::vector<double>{u}))));
  }
  EXPECT_EQ(drawn, (std::set<std::string>{"c=x ", "c=z "}));
  EXPECT_EQ(box.Domains().at("c").choice().values_size(), 2);
}

TEST(ZoomBoxTest, ShrinksOnTheScaleNotOnTheAxis) {
  const Space space = SpaceFromJson(R"({"rate": {"log": {"min": 0.0001, "max": 1}}})");
  std::vector<Point> best(1);
  (*best[0].mutable_fields())["rate"].set_number_value(0.01);
  const v1::Range range = ZoomBox(space, Pointers(best), 0.5).Domains().at("rate").log();
  EXPECT_NEAR(range.min(), 0.001, 1e-9);
  EXPECT_NEAR(range.max(), 0.1, 1e-9);
}

TEST(ZoomBoxTest, ParameterThatNoneOfTheBestHoldsStaysWhole) {
  const Space space = SpaceFromJson(R"({
    "a": {"choice": ["x", "y"]},
    "b": {"uniform": {"min": 0, "max": 4}, "when": {"a": ["y"]}}})");
  std::vector<Point> best(1);
  (*best[0].mutable_fields())["a"].set_string_value("x");
  const v1::Domain b = ZoomBox(space, Pointers(best), 0.1).Domains().at("b");
  EXPECT_EQ(b.uniform().max() - b.uniform().min(), 4);
  EXPECT_EQ(b.when().size(), 1u);
}

struct EndedTrial {
  uint32_t number = 0;
  const Point* point = nullptr;
  double value = 0;
};

History HistoryOf(v1::Objective::Direction direction, const std::vector<EndedTrial>& trials) {
  History history(direction);
  for (const EndedTrial& trial : trials) {
    history.AddPoint(*trial.point);
    history.AddValue(trial.number, trial.point, trial.value);
  }
  return history;
}

// A job on a quadratic bowl with its best point at (0.3, 0.6).
class ZoomJob {
 public:
  ZoomJob(const Sampler& sampler, int trials, uint64_t seed) {
    points_.reserve(trials);
    for (int k = 1; k <= trials; ++k) {
      const History history = HistoryOf(v1::Objective::MINIMIZE, history_);
      const absl::StatusOr<Proposal> proposal =
          sampler.Propose({.space = space_,
                           .seed = seed,
                           .trial_number = static_cast<uint32_t>(k),
                           .budget_trials = static_cast<uint32_t>(trials),
                           .history = &history});
      points_.push_back(proposal->point);
      rounds_.push_back(proposal->zoom_round);
      history_.push_back({static_cast<uint32_t>(k), &points_.back(), Loss(points_.back())});
    }
  }

  static double Loss(const Point& point) {
    const double x = point.fields().at("x").number_value() - 0.3;
    const double y = point.fields().at("y").number_value() - 0.6;
    return x * x + y * y;
  }
  double Best() const {
    double best = 1e9;
    for (const EndedTrial& trial : history_) best = std::min(best, trial.value);
    return best;
  }
  const Space& space() const { return space_; }
  const std::vector<Point>& points() const { return points_; }
  const std::vector<std::optional<v1::ZoomRound>>& rounds() const { return rounds_; }
  const std::vector<EndedTrial>& history() const { return history_; }

 private:
  Space space_ = SpaceFromJson(R"({"x": {"uniform": {"min": 0, "max": 1}},
                                   "y": {"uniform": {"min": 0, "max": 1}}})");
  std::vector<Point> points_;
  std::vector<EndedTrial> history_;
  std::vector<std::optional<v1::ZoomRound>> rounds_;
};

TEST(ZoomSamplerTest, BoxesShrinkFromRoundToRoundAndHoldTheBestPointSoFar) {
  const auto sampler = MakeZoomSampler(Settings(5, 0.3, 0));
  const ZoomJob job(*sampler, 50, 1);
  double last_width = 2;
  double best_so_far = 1e9;
  const Point* best = nullptr;
  for (size_t k = 0; k < job.points().size(); ++k) {
    const v1::ZoomRound& round = *job.rounds()[k];
    EXPECT_EQ(round.round(), static_cast<int>(k / 10) + 1);
    EXPECT_EQ(round.first_trial(), k / 10 * 10 + 1);
    if (k % 10 == 0) {
      const v1::Range& x = round.space().at("x").uniform();
      EXPECT_LT(x.max() - x.min(), last_width) << "round " << round.round();
      last_width = x.max() - x.min();
      if (best != nullptr) {
        EXPECT_LE(x.min(), best->fields().at("x").number_value());
        EXPECT_GE(x.max(), best->fields().at("x").number_value());
      }
    }
    if (job.history()[k].value < best_so_far) {
      best_so_far = job.history()[k].value;
      best = &job.points()[k];
    }
  }
  EXPECT_LT(last_width, 0.15);
}

TEST(ZoomSamplerTest, ExploreOneIsTheWholeSpaceInEveryRound) {
  const auto sampler = MakeZoomSampler(Settings(5, 0.3, 1));
  const ZoomJob job(*sampler, 60, 1);
  int far = 0;
  for (size_t k = 40; k < 60; ++k) far += ZoomJob::Loss(job.points()[k]) > 0.05;
  EXPECT_GT(far, 10);
}

TEST(ZoomSamplerTest, OrderOfTheHistoryDoesNotMatter) {
  const auto sampler = MakeZoomSampler(Settings(3, 0.3, 0.1));
  const ZoomJob job(*sampler, 30, 2);
  std::vector<EndedTrial> shuffled = job.history();
  Rng(3).Shuffle(std::span<EndedTrial>(shuffled));
  const History history = HistoryOf(v1::Objective::MINIMIZE, job.history());
  const History of_shuffled = HistoryOf(v1::Objective::MINIMIZE, shuffled);
  SampleRequest request{.space = job.space(),
                        .seed = 2,
                        .trial_number = 30,
                        .budget_trials = 30,
                        .history = &history};
  const Point in_order = sampler->Propose(request)->point;
  request.history = &of_shuffled;
  EXPECT_TRUE(SamePoint(sampler->Propose(request)->point, in_order));
}

TEST(ZoomSamplerTest, MaximizingIsMinimizingTheNegative) {
  const auto sampler = MakeZoomSampler(Settings(3, 0.3, 0.1));
  const ZoomJob job(*sampler, 30, 2);
  std::vector<EndedTrial> negated = job.history();
  for (EndedTrial& trial : negated) trial.value = -trial.value;
  const History history = HistoryOf(v1::Objective::MINIMIZE, job.history());
  const History of_negated = HistoryOf(v1::Objective::MAXIMIZE, negated);
  SampleRequest request{.space = job.space(),
                        .seed = 2,
                        .trial_number = 30,
                        .budget_trials = 30,
                        .history = &history};
  const Point minimizing = sampler->Propose(request)->point;
  request.history = &of_negated;
  EXPECT_TRUE(SamePoint(sampler->Propose(request)->point, minimizing));
}

TEST(ZoomSamplerTest, TrialsWithoutValueNarrowNothing) {
  const auto sampler = MakeZoomSampler(Settings(2, 0.5, 0));
  const ZoomJob job(*sampler, 20, 2);
  History valueless(v1::Objective::MINIMIZE);
  for (const Point& point : job.points()) valueless.AddPoint(point);
  const Proposal proposal = *sampler->Propose({.space = job.space(),
                                               .seed = 2,
                                               .trial_number = 20,
                                               .budget_trials = 20,
                                               .history = &valueless});
  EXPECT_EQ(proposal.zoom_round->space().at("x").uniform().max(), 1);
  EXPECT_EQ(proposal.zoom_round->space().at("x").uniform().min(), 0);
}

TEST(ZoomSamplerTest, TriesEveryPointOfASmallDiscreteSpaceBeforeAnyTwice) {
  const Space space = SpaceFromJson(R"({"a": {"int": {"min": 1, "max": 3}},
                                        "b": {"choice": ["x", "y"]}})");
  const auto sampler = MakeZoomSampler(Settings(2, 0.5, 0.1));
  for (uint64_t seed = 0; seed < 20; ++seed) {
    History history;
    std::set<std::string> seen;
    for (uint32_t k = 1; k <= 5; ++k) {
      const Point point = sampler
                              ->Propose({.space = space,
                                         .seed = seed,
                                         .trial_number = k,
                                         .budget_trials = 5,
                                         .history = &history})
                              ->point;
      history.AddPoint(point);  // every earlier trial is still running
      seen.insert(PointText(point));
    }
    EXPECT_EQ(seen.size(), 5u) << "seed " << seed;
  }
}

TEST(ZoomSamplerTest, TrialsBeyondTheBudgetBelongToTheLastRound) {
  const auto sampler = MakeZoomSampler(Settings(3, 0.3, 0.1));
  const ZoomJob job(*sampler, 30, 2);
  const History history = HistoryOf(v1::Objective::MINIMIZE, job.history());
  const Proposal proposal = *sampler->Propose({.space = job.space(),
                                               .seed = 2,
                                               .trial_number = 45,
                                               .budget_trials = 30,
                                               .history = &history});
  EXPECT_EQ(proposal.zoom_round->round(), 3);
  EXPECT_EQ(proposal.zoom_round->first_trial(), 21u);
}

TEST(ZoomSamplerTest, BeatsRandomAtEqualBudget) {
  const auto zoom = MakeZoomSampler(Settings(5, 0.3, 0.1));
  const auto random = MakeRandomSampler();
  std::vector<double> by_zoom, by_random;
  for (uint64_t seed = 0; seed < 15; ++seed) {
    by_zoom.push_back(ZoomJob(*zoom, 40, seed).Best());
    by_random.push_back(ZoomJob(*random, 40, seed).Best());
  }
  std::sort(by_zoom.begin(), by_zoom.end());
  std::sort(by_random.begin(), by_random.end());
  EXPECT_LT(by_zoom[7], by_random[7] / 4);
}

}  // namespace
}  // namespace caviar::search
