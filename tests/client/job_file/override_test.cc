#include "client/job_file/override.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/job_file/expect_job_file.h"

namespace caviar::job_file {
namespace {

TEST(ApplyOverrideTest, CreatesAndReplacesNodes) {
  ExpectSpec("", {"budget.trials=20"}, "budget { trials: 20 }");
  ExpectSpec("budget: {trials: 5, epochs: 3}", {"budget.trials=20"},
             "budget { trials: 20 epochs: 3 }");
  ExpectSpec("seed: 1", {"seed=2", "seed=3"}, "seed: 3");
  ExpectSpec("", {"name=a=b"}, R"pb(name: "a=b")pb");
}

TEST(ApplyOverrideTest, ReadsTheValueAsYaml) {
  ExpectSpec("", {"space.dropout={uniform: [0, 0.5]}"}, R"pb(
    space {
      key: "dropout"
      value { uniform { max: 0.5 } }
    }
  )pb");
  ExpectSpec("", {"fixed.activation=relu", "fixed.batch_norm=false"}, R"pb(
    fixed {
      fields {
        key: "activation"
        value { string_value: "relu" }
      }
      fields {
        key: "batch_norm"
        value { bool_value: false }
      }
    }
  )pb");
}

TEST(ApplyOverrideTest, ReachesElementsOfLists) {
  ExpectSpec("space: {dropout: {uniform: [0, 0.5]}}\nenqueue: [{dropout: 1}]",
             {"space.dropout.uniform[1]=0.25", "enqueue[0].dropout=0.125", "enqueue[1].dropout=0"},
             R"pb(
               space {
                 key: "dropout"
                 value { uniform { max: 0.25 } }
               }
               enqueue {
                 fields {
                   key: "dropout"
                   value { number_value: 0.125 }
                 }
               }
               enqueue {
                 fields {
                   key: "dropout"
                   value { number_value: 0 }
                 }
               }
             )pb");
}

TEST(ApplyOverrideTest, KeepsTheOtherBoundOfAShorthand) {
  ExpectSpec("space: {dropout: {uniform: [0.125, 0.5]}}", {"space.dropout.uniform.max=0.25"}, R"pb(
    space {
      key: "dropout"
      value { uniform { min: 0.125 max: 0.25 } }
    }
  )pb");
}

TEST(ApplyOverrideTest, ReplacesTheOtherKindOfAOneof) {
  ExpectSpec("sampler: {zoom: {rounds: 3}}", {"sampler.grid.points=4"},
             "sampler { grid { points: 4 } }");
  ExpectSpec("sampler: zoom", {"sampler.zoom.rounds=2"}, "sampler { zoom { rounds: 2 } }");
  ExpectSpec("sampler: zoom", {"sampler=random"}, "sampler { random {} }");
  ExpectSpec("space: {dropout: {uniform: [0, 1], when: {optimizer: adam}}}",
             {"space.dropout.log=[0.5, 1]"}, R"pb(
    space {
      key: "dropout"
      value {
        log { min: 0.5 max: 1 }
        when {
          key: "optimizer"
          value { values { string_value: "adam" } }
        }
      }
    }
  )pb");
}

TEST(ApplyOverrideTest, TakesANodeAwayWhenTheValueIsEmpty) {
  ExpectSpec("budget: {trials: 5, wall_time: 3m}\nspace: {dropout: {uniform: [0, 1]}}",
             {"budget.wall_time=", "space="}, "budget { trials: 5 }");
}

TEST(ApplyOverrideTest, NamesTheOverrideInProblems) {
  const struct {
    const char* override_text;
    const char* problem;
  } cases[] = {
      {"budget.trials", "--set: \"budget.trials\" is not PATH=VALUE, as in budget.trials=20"},
      {"=3", "--set: \"=3\" is not PATH=VALUE, as in budget.trials=20"},
      {"a..b=3", "--set: \"a..b=3\" is not PATH=VALUE, as in budget.trials=20"},
      {"a[x]=3", "--set: \"a[x]=3\" is not PATH=VALUE, as in budget.trials=20"},
      {"enqueue[3].dropout=1", "--set: enqueue[3].dropout: the list has no element [3]"},
      {"budget.trails=3", "--set: budget.trails: unknown field; did you mean trials?"},
      {"budget.trials=x", "--set: budget.trials: must be a whole number, got \"x\""},
  };
  for (const auto& expected : cases) {
    EXPECT_EQ(Parse("", {expected.override_text}).status().message(), expected.problem);
  }
  EXPECT_FALSE(Parse("", {"name=[1, 2"}).ok());
}

}  // namespace
}  // namespace caviar::job_file
