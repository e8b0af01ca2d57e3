// What is read from a job file; what is wrong with one is in job_file_problems_test.cc.
#include "client/job_file/job_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/client/job_file/expect_job_file.h"

namespace caviar::job_file {
namespace {

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

}  // namespace
}  // namespace caviar::job_file
