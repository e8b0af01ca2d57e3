// What is complained about in a job file, in which words, and that the list of it stays bounded.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/job_file/job_file.h"
#include "tests/client/job_file/expect_job_file.h"

namespace caviar::job_file {
namespace {

TEST(JobFileTest, ReportsEveryProblemWithLineAndPath) {
  ExpectProblems(
      R"(name: [a]
budgte: {trials: 1}
budget: {trials: abc, epoch: 3, wall_time: 30, total_epochs: 3000000000}
objective: {metric: x, direction: Maximise}
space:
  learning_rate: {log: [abc, 1]}
  momentum: {lgo: [0, 1]}
  dropout: {uniform: [0, 1, 2]}
  beta1: {uniform: {min: 0}}
  beta2: [0, 1]
  hidden_units: {int: [1.5, 4], values: [1]}
sampler: {random: {}, grid: {}}
seed: -1
weight: .inf
fixed: [1]
enqueue: {a: 1}
)",
      {
          "f:1: name: must be text, got a list",
          "f:2: budgte: unknown field; did you mean budget?",
          "f:3: budget.trials: must be a whole number, got \"abc\"",
          "f:3: budget.epoch: unknown field; did you mean epochs?",
          "f:3: budget.wall_time: must be a duration such as 45s, 30m, 1h30m or 90d, "
          "got \"30\"",
          "f:3: budget.total_epochs: must be a whole number from -2147483648 to "
          "2147483647, got 3000000000",
          "f:4: objective.direction: must be one of maximize, minimize, got "
          "\"Maximise\"; did you mean maximize?",
          "f:6: space.learning_rate.log[0]: must be a number, got \"abc\"",
          "f:7: space.momentum.lgo: unknown field; did you mean log?",
          "f:8: space.dropout.uniform: must be [min, max], got a list of 3",
          "f:9: space.beta1.uniform: max is missing; both min and max are needed",
          "f:10: space.beta2: must be a map with one of uniform, log, log_complement, "
          "reverse_log, int, int_log, values, choice, got a list",
          "f:11: space.hidden_units.int[0]: must be a whole number, got 1.5",
          "f:11: space.hidden_units.values: only one of uniform, log, log_complement, "
          "reverse_log, int, int_log, values, choice may be given, and int is",
          "f:12: sampler.grid: only one of random, grid, sobol, zoom, tpe, gp, cmaes, auto, "
          "external may be given, and random is",
          "f:13: seed: must be a whole number from 0 to 4294967295, got -1",
          "f:14: weight: must be a finite number, got .inf",
          "f:15: fixed: must be a map of names and values, got a list",
          "f:16: enqueue: must be a list, got a map",
      });
}

// What judges the values says min and max; the file says [a, b].
TEST(JobFileTest, ReportsProblemsOfFormAndValueTogetherInTheFilesOwnWords) {
  JobFileOptions options;
  options.source = "f";
  options.overrides = {"space.beta2.log=[3, 4]"};
  options.amend = [](v1::JobSpec& spec) { spec.set_seed(5); };
  options.check = [](const v1::JobSpec& spec) {
    EXPECT_EQ(spec.seed(), 5u) << "flags come first";
    return absl::InvalidArgumentError(
        "name: taken\nspace.a.log.min: must be > 0\nspace.b.log.max: too big: 3\n"
        "space.c.log.min: read as 0\nspace.d.when.optimizer: unknown\nspace.beta2.log.min: bad\n"
        "enqueue[1].dropout: too big\nenqueue[1].momentum: missing\nspace.d: no such thing\n"
        "weight: bad");
  };
  const absl::Status status = ParseJobFile(R"(space:
  a: {log: [0, 1]}
  b:
    log:
      min: 1
      max: 2
  c: {log: [x, 1]}
  d: {values: [1], when: {optimizer: [adm]}}
enqueue:
- {dropout: 0}
- {dropout: 2}
nme: n
)",
                                           options)
                                  .status();
  EXPECT_EQ(status.message(), absl::StrJoin(
                                  {
                                      "f:7: space.c.log[0]: must be a number, got \"x\"",
                                      "f:12: nme: unknown field; did you mean name?",
                                      "f:1: name: taken",
                                      "f:2: space.a.log[0]: must be > 0",
                                      "f:6: space.b.log.max: too big: 3",
                                      "f:8: space.d.when.optimizer: unknown",
                                      "--set: space.beta2.log[0]: bad",
                                      "f:11: enqueue[1].dropout: too big",
                                      "f:11: enqueue[1].momentum: missing",
                                      "f:8: space.d: no such thing",
                                      "f:1: weight: bad",
                                  },
                                  "\n"));
}

TEST(JobFileTest, ReportsWhatStandsInPlaceOfMapsListsAndWords) {
  ExpectProblems("just words",
                 {"f:1: must be a map of name, dataset, data, objective, budget, "
                  "sampler, space, fixed, enqueue, seed, max_parallel_trials, weight, scheduler, "
                  "constraints, warm_start, retest, got \"just words\""});
  ExpectProblems("sampler: zoon",
                 {"f:1: sampler: must be one of random, grid, sobol, zoom, tpe, gp, cmaes, auto, "
                  "external, got \"zoon\""});
  ExpectProblems("sampler: [zoom]",
                 {"f:1: sampler: must be one of random, grid, sobol, zoom, tpe, gp, cmaes, auto, "
                  "external, got a list"});
  ExpectProblems("space: {dropout: {uniform: }}",
                 {"f:1: space.dropout.uniform: must be [min, max], got nothing"});
  ExpectProblems("space: {dropout: {choice: }}",
                 {"f:1: space.dropout.choice: must be a list, got nothing"});
  ExpectProblems("space: 3", {"f:1: space: must be a map of names, got 3"});
  ExpectProblems("budget: {trials: \"20\"}",
                 {"f:1: budget.trials: must be a whole number, got \"20\""});
  ExpectProblems("fixed: {a: .nan}", {"f:1: fixed.a: must be a finite number, got .nan"});
  ExpectProblems("enqueue: [{a: 1}, 2]",
                 {"f:1: enqueue[1]: must be a map of names and values, got 2"});
  ExpectProblems("data: {settings: {format: xls}}",
                 {"f:1: data.settings.format: must be one of auto, csv, idx, npy, libsvm, got "
                  "\"xls\""});
}

TEST(JobFileTest, ReportsDuplicateKeysWithBothLines) {
  ExpectProblems("seed: 1\nspace:\n  dropout: {uniform: [0, 1]}\n  dropout: {log: [1, 2]}\nseed: 2",
                 {"f:4: space.dropout: given twice, first on line 3",
                  "f:5: seed: given twice, first on line 1"});
}

TEST(JobFileTest, SaysWhereAFileIsNoYaml) {
  for (const char* yaml : {"a: [1, 2", "a: b: c", "\"", "a: {b: 1]}", "%YAML 9.9\n---\na", "a: *x",
                           "? [1, 2]\n: 3", "--- 1\n--- 2", "a: \"\\ud800\""}) {
    const auto spec = Parse(yaml);
    EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << yaml;
    EXPECT_EQ(spec.status().message().substr(0, 2), "f:") << spec.status();
  }
  EXPECT_EQ(Parse("name: a\nb\xff").status().message(), "f:2: not UTF-8 text (byte 9 of the file)");
  EXPECT_EQ(Parse(absl::string_view("a\0b", 3)).status().message(),
            "f:1: not UTF-8 text (byte 1 of the file)");
}

TEST(JobFileTest, StaysBoundedOnHostileFiles) {
  const std::string deep_list(100'000, '[');
  EXPECT_FALSE(Parse(deep_list).ok());
  EXPECT_FALSE(Parse(std::string(100'000, '{')).ok());
  EXPECT_FALSE(Parse(std::string(2'000'000, ' ')).ok());
  std::string dashes;
  for (int i = 0; i < 20'000; ++i) dashes += "- ";
  EXPECT_FALSE(Parse(dashes).ok());

  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    absl::StrAppend(&bomb, "a", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j) absl::StrAppend(&bomb, "*a", i - 1, j < 9 ? ", " : "]\n");
  }
  EXPECT_NE(Parse(bomb).status().message().find("more than 200000 values"), absl::string_view::npos)
      << Parse(bomb).status();

  std::string ladder = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) absl::StrAppend(&ladder, "a", i, ": &a", i, " [*a", i - 1, "]\n");
  EXPECT_NE(Parse(ladder).status().message().find("nested deeper"), absl::string_view::npos);
  EXPECT_NE(Parse("a: &a [*a]").status().message().find("contains itself"),
            absl::string_view::npos);
}

TEST(JobFileTest, ListsAtMostFiftyProblems) {
  std::string yaml;
  for (int i = 0; i < 80; ++i) absl::StrAppend(&yaml, "unknown_field_", i, ": 1\n");
  const auto spec = Parse(yaml);
  EXPECT_NE(spec.status().message().find("… and 30 more"), absl::string_view::npos);
}

}  // namespace
}  // namespace caviar::job_file
