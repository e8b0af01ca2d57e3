#include "coordinator/search/space.h"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "coordinator/search/unit_draw.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

std::string SpaceProblems(absl::string_view json_of_space) {
  const v1::JobSpec spec = SpecFromJson(absl::StrCat("{\"space\": ", json_of_space, "}"));
  return std::string(Space::Create(spec.space()).status().message());
}

TEST(SpaceTest, DrawnPointsHoldExactlyTheActiveParametersInsideTheirDomains) {
  Rng rng(1);
  for (int i = 0; i < 500; ++i) {
    const auto domains = RandomDomains(rng, 12);
    const absl::StatusOr<Space> space = Space::Create(domains);
    ASSERT_TRUE(space.ok()) << space.status();
    for (uint32_t trial = 1; trial <= 20; ++trial) {
      const Point point = space->AtUnit(DrawUnit(*space, i, trial));
      EXPECT_TRUE(space->Contains(point)) << PointText(point);
    }
  }
}

// An oracle of its own: evaluates conditions straight from the proto, from the point alone.
TEST(SpaceTest, ParameterIsInThePointExactlyWhenItsConditionHolds) {
  Rng rng(2);
  for (int i = 0; i < 300; ++i) {
    const auto domains = RandomDomains(rng, 10);
    const absl::StatusOr<Space> space = Space::Create(domains);
    ASSERT_TRUE(space.ok()) << space.status();
    const Point point = space->AtUnit(DrawUnit(*space, i, 1));
    for (const auto& [name, domain] : domains) {
      bool holds = true;
      for (const auto& [parent, allowed] : domain.when()) {
        const auto value = point.fields().find(parent);
        bool listed = false;
        for (const auto& candidate : allowed.values()) {
          listed |= value != point.fields().end() && SameValue(candidate, value->second);
        }
        holds &= listed;
      }
      EXPECT_EQ(point.fields().contains(name), holds) << name << " in " << PointText(point);
    }
  }
}

TEST(SpaceTest, PlacesSurviveTheRoundTripThroughAPoint) {
  Rng rng(3);
  for (int i = 0; i < 300; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 10));
    ASSERT_TRUE(space.ok()) << space.status();
    const Point point = space->AtUnit(DrawUnit(*space, i, 1));
    std::vector<double> unit(space->size(), 0.0);
    const std::vector<std::optional<double>> known = space->UnitOf(point);
    for (int p = 0; p < space->size(); ++p) {
      EXPECT_EQ(known[p].has_value(), point.fields().contains(space->parameter(p).name()));
      unit[p] = known[p].value_or(0);
    }
    const Point again = space->AtUnit(unit);
    ASSERT_EQ(again.fields_size(), point.fields_size());
    for (const auto& [name, value] : point.fields()) {
      const auto& other = again.fields().at(name);
      if (value.has_number_value()) {
        EXPECT_NEAR(other.number_value(), value.number_value(),
                    1e-9 * (1 + std::abs(value.number_value())));
      } else {
        EXPECT_TRUE(SameValue(other, value)) << name;
      }
    }
  }
}

TEST(SpaceTest, WholeNumbersAreEquallyLikelyWithTheEndsAmongThem) {
  const Space space = SpaceFromJson(R"({"n": {"int": {"min": -1, "max": 3}}})");
  std::map<double, int> counts;
  for (uint32_t trial = 1; trial <= 50000; ++trial) {
    ++counts[space.AtUnit(DrawUnit(space, 5, trial)).fields().at("n").number_value()];
  }
  ASSERT_EQ(counts.size(), 5u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 10000, 400) << value;
}

TEST(SpaceTest, WholeNumbersOnALogScaleGiveEachDoublingTheSameShare) {
  const Space space = SpaceFromJson(R"({"n": {"intLog": {"min": 32, "max": 512}}})");
  int low = 0;
  for (uint32_t trial = 1; trial <= 20000; ++trial) {
    const double n = space.AtUnit(DrawUnit(space, 5, trial)).fields().at("n").number_value();
    EXPECT_EQ(n, std::round(n));
    EXPECT_GE(n, 32);
    EXPECT_LE(n, 512);
    low += n < 128;
  }
  EXPECT_NEAR(low / 20000.0, 0.5, 0.02);
}

TEST(SpaceTest, OrderedValuesLieOnTheirScaleInRisingOrderHoweverTheyWereWritten) {
  const Space space = SpaceFromJson(R"({"b": {"values": [512, 32, 128]}})");
  google::protobuf::Value number;
  number.set_number_value(128);
  EXPECT_DOUBLE_EQ(*space.parameter(0).UnitOf(number), 0.5);
  number.set_number_value(500);  // unlisted: the nearest listed one
  EXPECT_DOUBLE_EQ(*space.parameter(0).UnitOf(number), 2.5 / 3);
}

TEST(SpaceTest, ConditionsNestToAnyDepth) {
  const Space space = SpaceFromJson(R"({
    "a": {"int": {"min": 0, "max": 1}},
    "b": {"choice": ["x", "y"], "when": {"a": [1]}},
    "c": {"choice": [true, false], "when": {"b": ["y"]}},
    "d": {"uniform": {"min": 0, "max": 1}, "when": {"c": [true]}}})");
  const std::vector<double> all_on = {0.9, 0.9, 0.1, 0.5};
  EXPECT_EQ(PointText(space.AtUnit(all_on)), "a=1 b=y c=true d=0.5 ");
  const std::vector<double> root_off = {0.1, 0.9, 0.1, 0.5};
  EXPECT_EQ(PointText(space.AtUnit(root_off)), "a=0 ");
}

TEST(SpaceTest, GivenValuesDecideWhichParametersAreActive) {
  const Space space = SpaceFromJson(R"({
    "optimizer": {"choice": ["adam", "momentum"]},
    "beta2": {"uniform": {"min": 0.9, "max": 0.99}, "when": {"optimizer": ["adam"]}}})");
  Point given;
  (*given.mutable_fields())["optimizer"].set_string_value("momentum");
  (*given.mutable_fields())["beta2"].set_number_value(0.95);
  EXPECT_EQ(PointText(space.AtUnit(std::vector<double>{0.5, 0.1}, given)), "optimizer=momentum ");
  (*given.mutable_fields())["optimizer"].set_string_value("adam");
  EXPECT_EQ(PointText(space.AtUnit(std::vector<double>{0.5, 0.9}, given)),
            "beta2=0.95 optimizer=adam ");
}

TEST(SpaceTest, EveryProblemOfDomainsIsReportedWithItsPath) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"a": {}})",
       "space.a: has no domain; write one of uniform, log, log_complement, reverse_log, int, "
       "int_log, values, choice"},
      {R"({"a": {"log": {"min": 0, "max": 1}}})", "space.a.log.min: must be > 0"},
      {R"({"a": {"log": {"min": -2, "max": -3}}})",
       "space.a.log.min: must be > 0\nspace.a.log.min: must not exceed max (-2 > -3)"},
      {R"({"a": {"logComplement": {"min": 0.9, "max": 1}}})",
       "space.a.log_complement.max: must be < 1"},
      {R"({"a": {"reverseLog": {"min": 0, "max": 1}}})", "space.a.reverse_log.min: must be > 0"},
      {R"({"a": {"uniform": {"min": 0.25, "max": 0.1}}})",
       "space.a.uniform.min: must not exceed max (0.25 > 0.1)"},
      {R"({"a": {"uniform": {"min": "NaN", "max": 1}}})",
       "space.a.uniform: both ends must be finite numbers"},
      {R"({"a": {"int": {"min": 4, "max": 1}}})", "space.a.int.min: must not exceed max (4 > 1)"},
      {R"({"a": {"intLog": {"min": 0, "max": 8}}})", "space.a.int_log.min: must be >= 1"},
      {R"({"a": {"values": []}})", "space.a.values: must list at least one value"},
      {R"({"a": {"values": [1, "x", 1]}})",
       "space.a.values[1]: must be a number; write choice for words\n"
       "space.a.values[2]: 1 is listed twice"},
      {R"({"a": {"values": [0, 2, -0.0]}})", "space.a.values[2]: -0 is listed twice"},
      {R"({"a": {"choice": ["1", 1, true, "true", 1]}})", "space.a.choice[4]: 1 is listed twice"},
      {R"({"a": {"choice": ["x", null, [1], "x"]}})",
       "space.a.choice[1]: must be a number, a word, or true or false\n"
       "space.a.choice[2]: must be a number, a word, or true or false\n"
       "space.a.choice[3]: x is listed twice"},
      {R"({"a": {"log": {"min": 0, "max": 1}}, "b": {"int": {"min": 2, "max": 1}}})",
       "space.a.log.min: must be > 0\nspace.b.int.min: must not exceed max (2 > 1)"},
  };
  for (const auto& [json, message] : kCases) EXPECT_EQ(SpaceProblems(json), message) << json;
}

TEST(SpaceTest, AnOrderedListContainsItsNumbersAlone) {
  v1::Domain domain;
  for (const double number : {512.0, 32.0, 128.0})
    domain.mutable_values()->add_values()->set_number_value(number);
  const absl::StatusOr<Parameter> parameter = Parameter::Create("a", domain);
  ASSERT_TRUE(parameter.ok()) << parameter.status();
  google::protobuf::Value value;
  for (const double number : {32.0, 128.0, 512.0}) {
    value.set_number_value(number);
    EXPECT_TRUE(parameter->Contains(value)) << number;
  }
  for (const double number : {0.0, 64.0, 1024.0, std::nan(""), HUGE_VAL}) {
    value.set_number_value(number);
    EXPECT_FALSE(parameter->Contains(value)) << number;
  }
  value.set_string_value("32");
  EXPECT_FALSE(parameter->Contains(value));
}

TEST(SpaceTest, ConditionsThatCannotHoldAreErrors) {
  EXPECT_EQ(SpaceProblems(R"({"a": {"int": {"min": 1, "max": 2}, "when": {"b": [1]}}})"),
            "space.a.when.b: there is no b in space to depend on");
  EXPECT_EQ(SpaceProblems(R"({"a": {"int": {"min": 1, "max": 2}, "when": {"b": []}},
                           "b": {"choice": ["x"]}})"),
            "space.a.when.b: must list at least one value");
  EXPECT_EQ(SpaceProblems(R"({"a": {"int": {"min": 1, "max": 2}, "when": {"b": ["x", "y"]}},
                           "b": {"choice": ["x"]}})"),
            "space.a.when.b[1]: b can never be y");
  EXPECT_EQ(SpaceProblems(R"({"a": {"int": {"min": 1, "max": 2}, "when": {"b": [3, 1.5]}},
                           "b": {"int": {"min": 1, "max": 2}}})"),
            "space.a.when.b[0]: b can never be 3\nspace.a.when.b[1]: b can never be 1.5");
  EXPECT_EQ(SpaceProblems(R"({"a": {"int": {"min": 1, "max": 2}, "when": {"b": [0.5]}},
                           "b": {"uniform": {"min": 0, "max": 1}}})"),
            "space.a.when.b: b is a continuous range; a condition needs a parent of whole numbers, "
            "values or choice");
}

TEST(SpaceTest, ConditionsInACircleAreErrors) {
  EXPECT_EQ(SpaceProblems(R"({"a": {"choice": ["x"], "when": {"c": ["x"]}},
                           "b": {"choice": ["x"], "when": {"a": ["x"]}},
                           "c": {"choice": ["x"], "when": {"b": ["x"]}},
                           "d": {"choice": ["x"]}})"),
            "space: conditions go round in a circle: a, b, c");
  EXPECT_EQ(SpaceProblems(R"({"a": {"choice": ["x"], "when": {"a": ["x"]}}})"),
            "space: conditions go round in a circle: a");
}

}  // namespace
}  // namespace caviar::search
