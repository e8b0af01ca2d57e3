#include "client/job_file/job_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/job_file/parse_yaml.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace caviar::job_file {
namespace {

absl::StatusOr<v1::JobSpec> Parse(absl::string_view yaml) {
  JobFileOptions options;
  options.source = "f";
  return ParseJobFile(yaml, options);
}

void ExpectSpec(absl::string_view yaml, const std::string& textproto) {
  const auto spec = Parse(yaml);
  ASSERT_TRUE(spec.ok()) << yaml << "\n" << spec.status();
  v1::JobSpec expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(textproto, &expected)) << textproto;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*spec, expected))
      << yaml << "\ngave\n"
      << spec->DebugString();
}

void ExpectProblems(absl::string_view yaml, const std::vector<std::string>& lines) {
  const auto spec = Parse(yaml);
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << yaml;
  EXPECT_EQ(std::string(spec.status().message()), absl::StrJoin(lines, "\n")) << yaml;
}

TEST(JobFileTest, ReadsTheJobOfTheReference) {
  ExpectSpec(R"(
name: letters
dataset: letter-recognition            # an imported name
objective: {metric: validation_accuracy, direction: maximize}
budget: {trials: 60, epochs: 20, total_epochs: 900, wall_time: 30m}
sampler: {zoom: {rounds: 3}}
space:
  learning_rate: {log: [1e-4, 1.0]}
  momentum:      {log_complement: [0.9, 0.999]}
  hidden_layers: {int: [1, 4]}
  hidden_units:  {int_log: [32, 512]}
  batch_size:    {values: [32, 64, 128, 256, 512]}
  optimizer:     {choice: [momentum, rmsprop, adam]}
  beta2:         {log_complement: [0.9, 0.9999], when: {optimizer: [rmsprop, adam]}}
  dropout:       {uniform: [0.0, 0.5]}
fixed: {batch_norm: true, activation: relu}
enqueue:                                # tried first, as given
  - {learning_rate: 0.003, optimizer: adam, dropout: 0}
seed: 7
max_parallel_trials: 8
weight: 1
)",
             R"pb(
               name: "letters"
               dataset: "letter-recognition"
               objective { metric: "validation_accuracy" direction: MAXIMIZE }
               budget {
                 trials: 60
                 epochs: 20
                 total_epochs: 900
                 wall_time { seconds: 1800 }
               }
               sampler { zoom { rounds: 3 } }
               space {
                 key: "learning_rate"
                 value { log { min: 1e-4 max: 1 } }
               }
               space {
                 key: "momentum"
                 value { log_complement { min: 0.9 max: 0.999 } }
               }
               space {
                 key: "hidden_layers"
                 value { int { min: 1 max: 4 } }
               }
               space {
                 key: "hidden_units"
                 value { int_log { min: 32 max: 512 } }
               }
               space {
                 key: "batch_size"
                 value {
                   values {
                     values { number_value: 32 }
                     values { number_value: 64 }
                     values { number_value: 128 }
                     values { number_value: 256 }
                     values { number_value: 512 }
                   }
                 }
               }
               space {
                 key: "optimizer"
                 value {
                   choice {
                     values { string_value: "momentum" }
                     values { string_value: "rmsprop" }
                     values { string_value: "adam" }
                   }
                 }
               }
               space {
                 key: "beta2"
                 value {
                   log_complement { min: 0.9 max: 0.9999 }
                   when {
                     key: "optimizer"
                     value {
                       values { string_value: "rmsprop" }
                       values { string_value: "adam" }
                     }
                   }
                 }
               }
               space {
                 key: "dropout"
                 value { uniform { min: 0 max: 0.5 } }
               }
               fixed {
                 fields {
                   key: "batch_norm"
                   value { bool_value: true }
                 }
                 fields {
                   key: "activation"
                   value { string_value: "relu" }
                 }
               }
               enqueue {
                 fields {
                   key: "learning_rate"
                   value { number_value: 0.003 }
                 }
                 fields {
                   key: "optimizer"
                   value { string_value: "adam" }
                 }
                 fields {
                   key: "dropout"
                   value { number_value: 0 }
                 }
               }
               seed: 7
               max_parallel_trials: 8
               weight: 1
             )pb");
}

TEST(JobFileTest, ReadsJsonAsYaml) {
  ExpectSpec(
      "{\"name\":\"a\\u00e9\\/\",\n\t\"budget\":{\"trials\":3,\"wall_time\":\"45s\"},"
      "\"space\":{\"dropout\":{\"uniform\":{\"min\":0,\"max\":0.5}}}}",
      R"pb(
        name: "aé/"
        budget {
          trials: 3
          wall_time { seconds: 45 }
        }
        space {
          key: "dropout"
          value { uniform { max: 0.5 } }
        }
      )pb");
}

TEST(JobFileTest, TakesEachShorthand) {
  ExpectSpec("sampler: zoom", "sampler { zoom {} }");
  ExpectSpec("sampler: {sobol: }", "sampler { sobol {} }");
  ExpectSpec("sampler: auto", "sampler { auto {} }");
  ExpectSpec("sampler: {tpe: {candidates: 32, startup_trials: 0}}",
             "sampler { tpe { candidates: 32 startup_trials: 0 } }");
  ExpectSpec("sampler: {grid: {points: 4}}", "sampler { grid { points: 4 } }");
  ExpectSpec("space: {beta1: {uniform: {min: 0.5, max: 0.9}, when: {optimizer: adam}}}", R"pb(
    space {
      key: "beta1"
      value {
        uniform { min: 0.5 max: 0.9 }
        when {
          key: "optimizer"
          value { values { string_value: "adam" } }
        }
      }
    }
  )pb");
  ExpectSpec("data: {path: a.csv, settings: {categorical: colour, drop: [a, b], header: no}}", R"pb(
    data {
      path: "a.csv"
      settings { categorical: "colour" drop: "a" drop: "b" header: NO }
    }
  )pb");
}

TEST(JobFileTest, TypesPlainScalarsAndLeavesQuotedOnesWords) {
  ExpectSpec(
      R"(fixed: {a: 1, b: "1", c: true, d: 'true', e: 1e-4, f: adam, g: -.5, h: 0x10, i: yes, j: 1_0})",
      R"pb(
        fixed {
          fields {
            key: "a"
            value { number_value: 1 }
          }
          fields {
            key: "b"
            value { string_value: "1" }
          }
          fields {
            key: "c"
            value { bool_value: true }
          }
          fields {
            key: "d"
            value { string_value: "true" }
          }
          fields {
            key: "e"
            value { number_value: 1e-4 }
          }
          fields {
            key: "f"
            value { string_value: "adam" }
          }
          fields {
            key: "g"
            value { number_value: -0.5 }
          }
          fields {
            key: "h"
            value { number_value: 16 }
          }
          fields {
            key: "i"
            value { string_value: "yes" }
          }
          fields {
            key: "j"
            value { string_value: "1_0" }
          }
        }
      )pb");
}

TEST(JobFileTest, TakesNumbersAsTextWhereTextIsMeant) {
  ExpectSpec("name: 2024\ndata: {target: 11}", R"pb(name: "2024"
                                                    data { target: "11" })pb");
}

TEST(JobFileTest, TreatsNothingAsNotGiven) {
  ExpectSpec("", "");
  ExpectSpec("# only a comment\n", "");
  ExpectSpec("name:\nbudget:\nspace: ~\nfixed: null\nenqueue:\nseed:", "");
}

TEST(JobFileTest, ExpandsAliasesAndMergeKeys) {
  ExpectSpec(
      "budget: &b {trials: 5, epochs: 2}\n"
      "enqueue:\n- &p {dropout: 0.1, momentum: 0.5}\n- {<<: *p, momentum: 0.9}\n- *p\n",
      R"pb(
        budget { trials: 5 epochs: 2 }
        enqueue {
          fields {
            key: "dropout"
            value { number_value: 0.1 }
          }
          fields {
            key: "momentum"
            value { number_value: 0.5 }
          }
        }
        enqueue {
          fields {
            key: "dropout"
            value { number_value: 0.1 }
          }
          fields {
            key: "momentum"
            value { number_value: 0.9 }
          }
        }
        enqueue {
          fields {
            key: "dropout"
            value { number_value: 0.1 }
          }
          fields {
            key: "momentum"
            value { number_value: 0.5 }
          }
        }
      )pb");
}

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

TEST(ReadJobFileTest, ResolvesDataPathsAgainstTheFilesFolder) {
  const std::string folder = testing::TempDir() + "job_file_test";
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/job.yaml";
  std::ofstream(path) << "data: {path: ../d.csv, test_path: /abs/t.csv, target: y}\n";
  JobFileOptions options;
  options.overrides = {"data.labels_path=labels.idx"};
  const auto spec = ReadJobFile(path, options);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->data().path(), testing::TempDir() + "d.csv");
  EXPECT_EQ(spec->data().test_path(), "/abs/t.csv");
  EXPECT_EQ(spec->data().labels_path(), "labels.idx") << "typed by a person: starts where they are";
}

TEST(ReadJobFileTest, SaysWhichFileCannotBeRead) {
  const auto spec = ReadJobFile("/nonexistent/job.yaml", {});
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(spec.status().message().find("/nonexistent/job.yaml"), absl::string_view::npos);
}

TEST(JobFileTest, ReadsEnumWordsOfEitherCase) {
  for (const char* word : {"minimize", "MINIMIZE", "Minimize"}) {
    const auto spec = ParseJobFile(absl::StrCat("objective: {direction: ", word, "}"), {});
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(spec->objective().direction(), v1::Objective::MINIMIZE) << word;
  }
}

// `caviar show JOB --output json` holds the spec of what ran: it can be submitted again as it is.
TEST(JobFileTest, ReadsBackTheJsonOfASpec) {
  const auto spec = ParseJobFile(R"(
name: letters
dataset: letter-recognition
objective: {metric: validation_loss, direction: minimize}
budget: {trials: 60, epochs: 20, total_epochs: 900, wall_time: 90d}
sampler: {zoom: {rounds: 3, keep: 0.25, explore: 0}}
space:
  learning_rate: {log: [1e-4, 1.0]}
  hidden_layers: {int: [0, 4]}
  batch_size:    {values: [32, 64]}
  optimizer:     {choice: [momentum, "1", true, 2.5]}
  beta2:         {log_complement: [0.9, 0.9999], when: {optimizer: [momentum, "1"]}}
fixed: {batch_norm: true, activation: relu, epsilon: 1e-8}
enqueue: [{learning_rate: 0.003, optimizer: momentum}]
seed: 4294967295
weight: 0.5
)",
                                 {});
  ASSERT_TRUE(spec.ok()) << spec.status();
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*spec, &json, options).ok());
  const auto again = ParseJobFile(json, {});
  ASSERT_TRUE(again.ok()) << again.status() << "\n" << json;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*again, *spec))
      << again->DebugString();
}

}  // namespace
}  // namespace caviar::job_file
