// Both methods on functions whose answer is known, and what must hold for any job.
#include "coordinator/search/importance.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "coordinator/search/importance_fanova.h"
#include "coordinator/search/importance_ped_anova.h"
#include "coordinator/search/unit_draw.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = Observations::Outcome;
using Function = std::function<double(const Point&)>;

double NumberAt(const Point& point, const std::string& name) {
  const auto field = point.fields().find(name);
  return field == point.fields().end() ? 0 : field->second.number_value();
}

std::string WordAt(const Point& point, const std::string& name) {
  const auto field = point.fields().find(name);
  return field == point.fields().end() ? "" : field->second.string_value();
}

std::vector<Point> RandomPoints(const Space& space, int count, uint64_t seed = 1) {
  std::vector<Point> points;
  for (int i = 1; i <= count; ++i) points.push_back(space.AtUnit(DrawUnit(space, seed, i)));
  return points;
}

Observations Evaluated(const Space& space, const std::vector<Point>& points,
                       const Function& function,
                       v1::Objective::Direction direction = v1::Objective::MINIMIZE) {
  Observations observations(space, direction);
  for (size_t i = 0; i < points.size(); ++i) {
    observations.AddTrial(space, points[i]);
    observations.EndTrial(static_cast<uint32_t>(i + 1), Outcome::kCompleted, function(points[i]),
                          1);
  }
  return observations;
}

std::map<std::string, double> SharesOf(const absl::StatusOr<Importance>& importance) {
  EXPECT_TRUE(importance.ok()) << importance.status();
  std::map<std::string, double> shares;
  if (!importance.ok()) return shares;
  for (const auto& parameter : importance->parameters) {
    shares[parameter.name] = parameter.importance;
  }
  return shares;
}

std::vector<std::string> NamesOf(const absl::StatusOr<Importance>& importance) {
  std::vector<std::string> names;
  for (const auto& parameter : importance.value().parameters) names.push_back(parameter.name);
  return names;
}

// Equal bits.
void ExpectSame(const Importance& a, const Importance& b) {
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  EXPECT_EQ(a.explained, b.explained);
  for (size_t i = 0; i < a.parameters.size(); ++i) {
    EXPECT_EQ(a.parameters[i].name, b.parameters[i].name);
    EXPECT_EQ(a.parameters[i].importance, b.parameters[i].importance);
    EXPECT_EQ(a.parameters[i].deviation, b.parameters[i].deviation);
  }
}

Space Cube(int parameters) {
  google::protobuf::Map<std::string, v1::Domain> domains;
  for (int i = 0; i < parameters; ++i) {
    domains[absl::StrCat("x", i)].mutable_uniform()->set_max(1);
  }
  return Space::Create(domains).value();
}

// Five kinds of parameters, one of them with a condition.
Space TrainingSpace() {
  return SpaceFromJson(R"({
      "beta2": {"log_complement": {"min": 0.9, "max": 0.9999}, "when": {"optimizer": ["adam"]}},
      "batch_size": {"values": [32, 64, 128, 256]},
      "learning_rate": {"log": {"min": 1e-5, "max": 1}},
      "optimizer": {"choice": ["adam", "momentum", "rmsprop"]},
      "units": {"int_log": {"min": 16, "max": 512}}})");
}

double TrainingLoss(const Point& point) {
  const double decade = std::log10(NumberAt(point, "learning_rate")) + 2.5;
  const bool has_beta2 = WordAt(point, "optimizer") == "adam";
  return decade * decade + (WordAt(point, "optimizer") == "momentum" ? 1 : 0) +
         0.1 * std::log2(512 / NumberAt(point, "units")) +
         (has_beta2 ? 20 * std::abs(NumberAt(point, "beta2") - 0.99) : 0);
}

TEST(ImportanceTest, OneParameterThatDecidesEverythingHasAllOfIt) {
  const Space space = Cube(5);
  const Observations observations =
      Evaluated(space, RandomPoints(space, 400),
                [](const Point& point) { return std::pow(NumberAt(point, "x2") - 0.3, 2); });
  EXPECT_GT(SharesOf(FanovaImportance(space, observations, 1)).at("x2"), 0.98);
  EXPECT_GT(SharesOf(PedAnovaImportance(space, observations)).at("x2"), 0.9);
}

// Variances of a x, a in {4, 2, 1, 0}, are as 16 : 4 : 1 : 0.
TEST(FanovaTest, FindsTheVarianceSharesOfASum) {
  const Space space = Cube(4);
  const Observations observations =
      Evaluated(space, RandomPoints(space, 1000), [](const Point& point) {
        return 4 * NumberAt(point, "x0") + 2 * NumberAt(point, "x1") + NumberAt(point, "x2");
      });
  const absl::StatusOr<Importance> importance = FanovaImportance(space, observations, 1);
  const auto shares = SharesOf(importance);
  EXPECT_NEAR(shares.at("x0"), 16.0 / 21, 0.03);
  EXPECT_NEAR(shares.at("x1"), 4.0 / 21, 0.03);
  EXPECT_NEAR(shares.at("x2"), 1.0 / 21, 0.03);
  EXPECT_LT(shares.at("x3"), 0.01);
  EXPECT_EQ(importance->trials, 1000u);
  EXPECT_GT(*importance->explained, 0.9) << "a sum has no interactions";
  EXPECT_LE(*importance->explained, 1 + 1e-9);
  EXPECT_LT(*importance->parameters[0].deviation, 0.1);
}

TEST(FanovaTest, IsAsGoodForMoreTrialsThanATreeDraws) {
  const Space space = Cube(3);
  const Observations observations = Evaluated(
      space, RandomPoints(space, 2 * kFanovaDrawsMax),
      [](const Point& point) { return 2 * NumberAt(point, "x0") + NumberAt(point, "x1"); });
  const absl::StatusOr<Importance> importance = FanovaImportance(space, observations, 1);
  EXPECT_EQ(importance->trials, 2 * kFanovaDrawsMax);
  const auto shares = SharesOf(importance);
  EXPECT_NEAR(shares.at("x0"), 0.8, 0.01);
  EXPECT_NEAR(shares.at("x1"), 0.2, 0.01);
}

TEST(FanovaTest, GrowsMoreTreesForFewerTrials) {
  EXPECT_EQ(FanovaTrees(1), static_cast<int>(kFanovaTreesMax));
  EXPECT_EQ(FanovaTrees(1024), static_cast<int>(4 * kFanovaTreesMin));
  EXPECT_EQ(FanovaTrees(kFanovaDrawsMax), static_cast<int>(kFanovaTreesMin));
  EXPECT_EQ(FanovaTrees(1'000'000), static_cast<int>(kFanovaTreesMin));
}

// The mean over one factor leaves nothing of the other's effect: all of it is interaction.
TEST(FanovaTest, LeavesInteractionsUnexplained) {
  const Space space = Cube(2);
  const Observations observations =
      Evaluated(space, RandomPoints(space, 1000), [](const Point& point) {
        return (NumberAt(point, "x0") - 0.5) * (NumberAt(point, "x1") - 0.5);
      });
  EXPECT_LT(*FanovaImportance(space, observations, 1)->explained, 0.1);
}

// x counts 1/12. y counts half as much, as it acts in half of the space; c moves the mean by 1/2
// between halves, which is 1/16. The last three twelfths are all there is to explain.
TEST(FanovaTest, FindsTheVarianceSharesOfAConditionalParameter) {
  const Space space = SpaceFromJson(R"({
      "c": {"choice": ["on", "off"]},
      "x": {"uniform": {"min": 0, "max": 1}},
      "y": {"uniform": {"min": 0, "max": 1}, "when": {"c": ["on"]}}})");
  const Observations observations =
      Evaluated(space, RandomPoints(space, 2000),
                [](const Point& point) { return NumberAt(point, "x") + NumberAt(point, "y"); });
  const auto shares = SharesOf(FanovaImportance(space, observations, 1));
  const double sum = 1.0 / 12 + 1.0 / 24 + 1.0 / 16;
  EXPECT_NEAR(shares.at("x"), 1.0 / 12 / sum, 0.03);
  EXPECT_NEAR(shares.at("y"), 1.0 / 24 / sum, 0.03);
  EXPECT_NEAR(shares.at("c"), 1.0 / 16 / sum, 0.03);
}

// Three values of one choice are 0, 1, 2 and equally likely: variance 2/3, against 1/12 a unit.
TEST(FanovaTest, FindsTheVarianceShareOfAChoice) {
  const Space space = SpaceFromJson(R"({
      "c": {"choice": ["a", "b", "c"]}, "x": {"uniform": {"min": 0, "max": 1}}})");
  const std::map<std::string, double> effect = {{"a", 0}, {"b", 1}, {"c", 2}};
  const Observations observations =
      Evaluated(space, RandomPoints(space, 1000), [&effect](const Point& point) {
        return effect.at(WordAt(point, "c")) + 2 * NumberAt(point, "x");
      });
  const auto shares = SharesOf(FanovaImportance(space, observations, 1));
  EXPECT_NEAR(shares.at("c"), 2.0 / 3, 0.03);
  EXPECT_NEAR(shares.at("x"), 1.0 / 3, 0.03);
}

TEST(FanovaTest, TakesItsSeedForTheForestOnly) {
  const Space space = TrainingSpace();
  const Observations observations = Evaluated(space, RandomPoints(space, 200), TrainingLoss);
  ExpectSame(FanovaImportance(space, observations, 1).value(),
             FanovaImportance(space, observations, 1).value());
  const auto one = SharesOf(FanovaImportance(space, observations, 1));
  for (const auto& [name, share] : SharesOf(FanovaImportance(space, observations, 2))) {
    EXPECT_NEAR(share, one.at(name), 0.01) << name;
  }
}

TEST(PedAnovaTest, OrdersParametersByTheirEffect) {
  const Space space = Cube(4);
  const Observations observations =
      Evaluated(space, RandomPoints(space, 1000), [](const Point& point) {
        return 4 * NumberAt(point, "x3") + 2 * NumberAt(point, "x1") + NumberAt(point, "x2");
      });
  EXPECT_THAT(NamesOf(PedAnovaImportance(space, observations)),
              ElementsAre("x3", "x1", "x2", "x0"));
}

// With "on" good in itself and y without effect, y is on in all the best trials and in half of all.
TEST(PedAnovaTest, GivesNothingToAParameterForBeingSwitchedOn) {
  const Space space = SpaceFromJson(R"({
      "c": {"choice": ["on", "off"]},
      "x": {"uniform": {"min": 0, "max": 1}},
      "y": {"uniform": {"min": 0, "max": 1}, "when": {"c": ["on"]}}})");
  const Observations observations =
      Evaluated(space, RandomPoints(space, 1000), [](const Point& point) {
        return NumberAt(point, "x") + (WordAt(point, "c") == "on" ? 0 : 1);
      });
  const auto shares = SharesOf(PedAnovaImportance(space, observations));
  EXPECT_LT(shares.at("y"), 0.1);
  EXPECT_GT(shares.at("x"), shares.at("c"));
  EXPECT_GT(shares.at("c"), shares.at("y"));
}

TEST(PedAnovaTest, SeesOnlyTheOrderOfValues) {
  const Space space = TrainingSpace();
  const std::vector<Point> points = RandomPoints(space, 300);
  const auto logarithm = [](const Point& point) { return std::log(TrainingLoss(point)); };
  const auto exponential = [](const Point& point) { return std::exp(TrainingLoss(point)); };
  const auto importance = PedAnovaImportance(space, Evaluated(space, points, TrainingLoss));
  for (const Function& function : {Function(logarithm), Function(exponential)}) {
    ExpectSame(importance.value(),
               PedAnovaImportance(space, Evaluated(space, points, function)).value());
  }
}

// Three of 30 would be best, but one alone is better than the other 29, which are equal.
TEST(PedAnovaTest, DrawsTheLineBeforeTiesThatTakeInMostTrials) {
  const Space space = Cube(2);
  std::vector<Point> points = RandomPoints(space, 30);
  (*points[7].mutable_fields())["x0"].set_number_value(0.99);
  (*points[7].mutable_fields())["x1"].set_number_value(0.5);
  for (Point& point : points) {
    if (NumberAt(point, "x0") == 0.99) continue;
    (*point.mutable_fields())["x0"].set_number_value(NumberAt(point, "x0") / 2);
  }
  const Observations observations = Evaluated(
      space, points, [](const Point& point) { return NumberAt(point, "x0") == 0.99 ? 0.0 : 1.0; });
  EXPECT_GT(SharesOf(PedAnovaImportance(space, observations)).at("x0"), 0.6);
}

struct Method {
  std::string name;
  std::function<absl::StatusOr<Importance>(const Space&, const Observations&)> run;
};

class BothMethodsTest : public ::testing::TestWithParam<Method> {
 protected:
  static absl::StatusOr<Importance> Run(const Space& space, const Observations& observations) {
    return GetParam().run(space, observations);
  }
};

INSTANTIATE_TEST_SUITE_P(Importance, BothMethodsTest,
                         ::testing::Values(Method{"PedAnova", PedAnovaImportance},
                                           Method{"Fanova",
                                                  [](const Space& space,
                                                     const Observations& observations) {
                                                    return FanovaImportance(space, observations, 3);
                                                  }}),
                         [](const auto& info) { return info.param.name; });

TEST_P(BothMethodsTest, GiveSharesThatSumToOneInAnySpace) {
  Rng rng(8);
  int answered = 0;
  for (int round = 0; round < 60; ++round) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 8));
    ASSERT_TRUE(space.ok());
    const std::vector<Point> points = RandomPoints(*space, 10 + rng.UniformInt(60), round);
    const Observations observations =
        Evaluated(*space, points, [&rng](const Point&) { return rng.Normal(); });
    const absl::StatusOr<Importance> importance = Run(*space, observations);
    if (!importance.ok()) {  // a space of one point
      EXPECT_THAT(importance.status().message(), HasSubstr("the same hyperparameters"));
      continue;
    }
    ++answered;
    ASSERT_EQ(static_cast<int>(importance->parameters.size()), space->size());
    double sum = 0;
    for (const ParameterImportance& parameter : importance->parameters) {
      EXPECT_GE(parameter.importance, 0);
      if (space->parameter(*space->Find(parameter.name)).cardinality() == 1) {
        EXPECT_EQ(parameter.importance, 0) << parameter.name;
      }
      sum += parameter.importance;
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }
  EXPECT_GT(answered, 40);
}

TEST_P(BothMethodsTest, DoNotDependOnTheOrderOfTrials) {
  const Space space = TrainingSpace();
  std::vector<Point> points = RandomPoints(space, 120);
  points.push_back(points[3]);
  const auto rounded = [](const Point& point) { return std::round(TrainingLoss(point)); };
  const auto importance = Run(space, Evaluated(space, points, rounded));
  Rng rng(4);
  for (int round = 0; round < 5; ++round) {
    rng.Shuffle(std::span<Point>(points));
    ExpectSame(importance.value(), Run(space, Evaluated(space, points, rounded)).value());
  }
}

TEST_P(BothMethodsTest, TakeLargerValuesForBetterWhenTheyAre) {
  const Space space = TrainingSpace();
  const std::vector<Point> points = RandomPoints(space, 120);
  const auto reward = [](const Point& point) { return -TrainingLoss(point); };
  ExpectSame(Run(space, Evaluated(space, points, TrainingLoss)).value(),
             Run(space, Evaluated(space, points, reward, v1::Objective::MAXIMIZE)).value());
}

TEST_P(BothMethodsTest, PutTheLearningRateFirstWhereItActsMost) {
  const Space space = TrainingSpace();
  const auto importance = Run(space, Evaluated(space, RandomPoints(space, 400), TrainingLoss));
  EXPECT_EQ(NamesOf(importance).front(), "learning_rate");
}

TEST_P(BothMethodsTest, CountOnlyCompletedTrialsWithAValue) {
  const Space space = Cube(2);
  const std::vector<Point> points = RandomPoints(space, 40);
  const auto function = [](const Point& point) { return NumberAt(point, "x0"); };
  Observations observations = Evaluated(space, points, function);
  const absl::StatusOr<Importance> before = Run(space, observations);
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<Outcome, std::optional<double>>> others = {
      {Outcome::kPruned, -1.0},
      {Outcome::kInfeasible, std::nullopt},
      {Outcome::kCompleted, none},
      {Outcome::kCompleted, std::numeric_limits<double>::infinity()}};
  uint32_t number = 40;
  for (const auto& [outcome, value] : others) {
    observations.AddTrial(space, points[0]);
    observations.EndTrial(++number, outcome, value, 1);
  }
  observations.AddTrial(space, points[1]);
  ExpectSame(before.value(), Run(space, observations).value());
  EXPECT_EQ(before->trials, 40u);
}

TEST_P(BothMethodsTest, SayHowManyTrialsTheyNeed) {
  const Space space = Cube(2);
  const auto function = [](const Point& point) { return NumberAt(point, "x0"); };
  const absl::Status few = Run(space, Evaluated(space, RandomPoints(space, 9), function)).status();
  EXPECT_EQ(few.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(few.message(), HasSubstr("at least 10 completed trials with a value, there are 9"));
  EXPECT_TRUE(Run(space, Evaluated(space, RandomPoints(space, 10), function)).ok());
}

TEST_P(BothMethodsTest, SayThatTrialsDoNotDiffer) {
  const Space space = Cube(2);
  const auto constant = [](const Point&) { return 0.5; };
  const absl::Status values =
      Run(space, Evaluated(space, RandomPoints(space, 20), constant)).status();
  EXPECT_EQ(values.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(values.message(), HasSubstr("all 20 completed trials have the same value"));

  double next = 0;
  const std::vector<Point> same(20, RandomPoints(space, 1)[0]);
  const absl::Status points =
      Run(space, Evaluated(space, same, [&next](const Point&) { return ++next; })).status();
  EXPECT_EQ(points.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(points.message(), HasSubstr("the same hyperparameters"));
}

TEST_P(BothMethodsTest, StandTheLargestNumbers) {
  const Space space = Cube(2);
  const double huge = std::numeric_limits<double>::max();
  const Observations observations =
      Evaluated(space, RandomPoints(space, 50),
                [huge](const Point& point) { return NumberAt(point, "x0") < 0.5 ? huge : -huge; });
  EXPECT_GT(SharesOf(Run(space, observations)).at("x0"), 0.8);
}

}  // namespace
}  // namespace caviar::search
