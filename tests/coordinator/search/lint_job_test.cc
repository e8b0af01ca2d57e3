#include "coordinator/search/lint_job.h"

#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "coordinator/search/expand_job.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

std::string WarningsOf(absl::string_view json) {
  v1::Dataset dataset;
  dataset.set_name("small");
  dataset.mutable_train()->set_rows(1000);
  dataset.mutable_validation()->set_rows(100);
  v1::JobSpec spec = SpecFromJson(json);
  spec.set_dataset("small");
  const absl::StatusOr<ExpandedJob> job = ExpandJob(spec, dataset, 1);
  EXPECT_TRUE(job.ok()) << job.status() << " in " << std::string(json);
  return job.ok() ? absl::StrJoin(job->warnings, "\n") : "";
}

TEST(LintJobTest, WarnsOfWhatWillHardlyHaveBeenMeant) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"space": {"learning_rate": {"uniform": {"min": 0.0001, "max": 1}}}})",
       "space.learning_rate.uniform: on a linear scale 90 % of the draws fall in the top decade; "
       "write log"},
      {R"({"space": {"momentum": {"uniform": {"min": 0.9, "max": 0.999}}},
           "fixed": {"optimizer": "momentum"}})",
       "space.momentum: acts by its averaging window 1 / (1 - momentum), of which the longer ones, "
       "beyond 100, get only 9 % of the draws of a linear scale; write log_complement"},
      {R"({"space": {"dropout": {"uniform": {"min": 0.2, "max": 0.2}}}})",
       "space.dropout: is always 0.2; move it to fixed"},
      {R"({"space": {"activation": {"choice": ["relu"]}}})",
       "space.activation: is always relu; move it to fixed"},
      {R"({"space": {"batch_size": {"choice": [32, 64, 128]}}})",
       "space.batch_size.choice: forgets that numbers have an order; write values"},
      {R"({"space": {"batch_size": {"values": [512, 2048]}}})",
       "space.batch_size: goes up to 2048, but there are 1000 training rows: larger batches are "
       "clamped to them"},
      {R"({"fixed": {"batch_size": 4096}})",
       "fixed.batch_size: goes up to 4096, but there are 1000 training rows: larger batches are "
       "clamped to them"},
      {R"({"space": {"momentum": {"logComplement": {"min": 0.9, "max": 0.999}},
                     "optimizer": {"choice": ["adam", "rmsprop"]}}})",
       "space.momentum: nothing reads it: optimizer is never momentum or nesterov"},
      {R"({"space": {"momentum": {"logComplement": {"min": 0.9, "max": 0.999},
                                  "when": {"optimizer": ["adam"]}},
                     "optimizer": {"choice": ["adam", "momentum"]}}})",
       "space.momentum: nothing reads it: optimizer is never momentum or nesterov"},
      {R"({"fixed": {"leaky_slope": 0.1}})",
       "fixed.leaky_slope: nothing reads it: activation is never leaky_relu"},
      {R"({"fixed": {"batch_norm": false, "batch_norm_output": true}})",
       "fixed.batch_norm_output: nothing reads it: batch_norm is never true"},
      {R"({"fixed": {"step_factor": 0.5, "learning_rate_schedule": "cosine"}})",
       "fixed.step_factor: nothing reads it: learning_rate_schedule is never step"},
      {R"({"space": {"hidden_layers": {"int": {"min": 1, "max": 2}},
                     "hidden_units_3": {"int": {"min": 8, "max": 16}}}})",
       "space.hidden_units_3: nothing reads it: there are at most 2 hidden layers"},
      {R"({"fixed": {"hidden_layers": 0, "activation": "tanh"}})",
       "fixed.activation: nothing reads it: there are no hidden layers"},
      {R"({"objective": {"metric": "validation_loss", "direction": "MAXIMIZE"}})",
       "objective.direction: maximizes validation_loss: the leaderboard will be led by the worst "
       "models"},
      {R"({"objective": {"metric": "train_loss"}})",
       "objective.metric: chooses by the training part, which favours models that overfit"},
      {R"({"budget": {"totalEpochs": 5}})",
       "budget.total_epochs: is less than one trial may train (budget.epochs)"},
      {R"({"budget": {"trials": 1}, "space": {"dropout": {"uniform": {"min": 0, "max": 0.5}}},
           "enqueue": [{"dropout": 0}, {"dropout": 0.1}]})",
       "enqueue: only the first 1 of 2 points fit budget.trials"},
      {R"({"sampler": {"grid": {}}, "budget": {"trials": 10},
           "space": {"activation": {"choice": ["relu", "tanh"]}}})",
       "sampler.grid: has 2 combinations; the job ends after them"},
      {R"({"sampler": {"grid": {"points": 5}}, "budget": {"trials": 3},
           "space": {"dropout": {"uniform": {"min": 0, "max": 0.5}}}})",
       "sampler.grid: budget.trials covers only 3 of 5 combinations; the last parameters' values "
       "come first"},
      {R"({"space": {"optimizer": {"choice": ["adam", "momentum"]},
                     "beta2": {"logComplement": {"min": 0.9, "max": 0.99},
                               "when": {"optimizer": ["adam"]}},
                     "dropout": {"uniform": {"min": 0, "max": 0.5}}},
           "enqueue": [{"optimizer": "momentum", "beta2": 0.95, "dropout": 0.6},
                       {"optimizer": "rmsprop"}]})",
       "enqueue[0].beta2: is left out: its condition does not hold at this point\n"
       "enqueue[0].dropout: 0.6 lies outside the space; tried as given\n"
       "enqueue[1].optimizer: rmsprop lies outside the space; tried as given"},
  };
  for (const auto& [json, warnings] : kCases) EXPECT_EQ(WarningsOf(json), warnings) << json;
}

TEST(LintJobTest, HasNothingToSayOfGoodJobs) {
  for (const char* json :
       {"{}", R"({"budget": {"trials": 500}})", R"({"fixed": {"optimizer": "gradient_descent"}})",
        R"({"space": {"learning_rate": {"uniform": {"min": 0.05, "max": 0.1}},
                      "momentum": {"uniform": {"min": 0.5, "max": 0.9}},
                      "optimizer": {"choice": ["adam", "momentum"]}}})",
        R"({"space": {"activation": {"choice": ["relu", "leaky_relu"]},
                      "leaky_slope": {"log": {"min": 0.001, "max": 0.1},
                                      "when": {"activation": ["leaky_relu"]}}}})",
        R"({"space": {"batch_norm": {"choice": [true, false]},
                      "batch_norm_momentum": {"logComplement": {"min": 0.5, "max": 0.99}}}})"}) {
    EXPECT_EQ(WarningsOf(json), "") << json;
  }
}

}  // namespace
}  // namespace caviar::search
