// Which specs are refused or warned of, in which words; and what is close to that and still
// allowed.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/search/expand_job.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/expand_letters_job.h"

namespace caviar::search {
namespace {

using testing::StartsWith;

TEST(ExpandJobTest, EveryProblemIsNamedWithItsPath) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"name": "a b"})",
       "name: must be 1 to 128 letters, digits, dots, underscores and dashes"},
      {R"({"name": "2024"})",
       "name: must not be digits alone, which name a job by its id; add a letter"},
      {R"({"data": {"path": "x.csv"}})",
       "data: the coordinator opens no files; import them and name the data set in `dataset`"},
      {R"({"objective": {"metric": "test_accuracy"}})",
       "objective.metric: must not be test_accuracy: choosing by the test part would make its "
       "result promise too much; use validation_accuracy"},
      {R"({"objective": {"metric": "validation_acuracy"}})",
       "objective.metric: must be one of validation_accuracy, validation_loss, "
       "validation_macro_f1, train_accuracy, train_loss; got validation_acuracy; did you mean "
       "validation_accuracy?"},
      {R"({"objective": {"direction": 7}})", "objective.direction: must be maximize or minimize"},
      {R"({"budget": {"trials": -3, "epochs": 1000001}})",
       "budget.trials: must be in [1, 1000000], got -3\n"
       "budget.epochs: must be in [1, 1000000], got 1000001"},
      {R"({"budget": {"totalEpochs": -1, "wallTime": "0s"}})",
       "budget.total_epochs: must be > 0, or absent for no bound of its own, got -1\n"
       "budget.wall_time: must be longer than 0s"},
      // A 0 that was written is a mistake, not a default.
      {R"({"budget": {"trials": 0, "epochs": 0, "totalEpochs": 0}})",
       "budget.trials: must be in [1, 1000000], got 0\n"
       "budget.epochs: must be in [1, 1000000], got 0\n"
       "budget.total_epochs: must be > 0, or absent for no bound of its own, got 0"},
      {R"({"sampler": {"zoom": {"rounds": 0, "keep": 0}}})",
       "sampler.zoom.rounds: must be in [1, 100], got 0\n"
       "sampler.zoom.keep: must be in (0, 1], got 0"},
      {R"({"sampler": {"grid": {"points": 0}}})",
       "sampler.grid.points: must be in [1, 1000], got 0"},
      {R"({"weight": 0})", "weight: must be a number > 0, got 0"},
      {R"({"weight": "NaN"})", "weight: must be a number > 0, got nan"},
      {R"({"maxParallelTrials": -1})",
       "max_parallel_trials: must be > 0, or 0 for no bound, got -1"},
      {R"({"sampler": {"zoom": {"rounds": -1, "keep": 1.5, "explore": -0.1}}})",
       "sampler.zoom.rounds: must be in [1, 100], got -1\n"
       "sampler.zoom.keep: must be in (0, 1], got 1.5\n"
       "sampler.zoom.explore: must be in [0, 1], got -0.1"},
      {R"({"sampler": {"tpe": {"startupTrials": -1, "candidates": 1001, "goodShare": 1.5,
                                "goodMax": -2, "priorWeight": "NaN"}}})",
       "sampler.tpe.startup_trials: must be in [0, 1000000], got -1\n"
       "sampler.tpe.candidates: must be in [1, 1000], got 1001\n"
       "sampler.tpe.good_share: must be in (0, 1], got 1.5\n"
       "sampler.tpe.good_max: must be in [1, 1000], got -2\n"
       "sampler.tpe.prior_weight: must be in (0, 1000], got nan"},
      {R"({"sampler": {"grid": {"points": 1001}}})",
       "sampler.grid.points: must be in [1, 1000], got 1001"},
      {R"({"sampler": {"grid": {"points": 100}}})",
       "sampler.grid: has more than 1000000 combinations, or conditions on too many parameters at "
       "once; use fewer points or parameters, or another sampler"},
      {R"({"space": {"learning_rat": {"log": {"min": 0.1, "max": 1}}}})",
       "space.learning_rat: no such hyperparameter; did you mean learning_rate?"},
      {R"({"space": {"hidden_units_65": {"int": {"min": 1, "max": 9}}}})",
       "space.hidden_units_65: no such hyperparameter; did you mean hidden_units?"},
      {R"({"space": {"xyzzy_qwerty": {"int": {"min": 1, "max": 9}}}})",
       "space.xyzzy_qwerty: no such hyperparameter"},
      {R"({"space": {"learning_rate": {"log": {"min": 0, "max": 1}}}})",
       "space.learning_rate.log.min: must be > 0"},
      {R"({"space": {"learning_rate": {"log": {"min": 1, "max": 2000}}}})",
       "space.learning_rate.log.max: must be a number in (0, 1000], got 2000"},
      {R"({"space": {"dropout": {"uniform": {"min": -0.5, "max": 1}}}})",
       "space.dropout.uniform.min: must be a number in [0, 1), got -0.5\n"
       "space.dropout.uniform.max: must be a number in [0, 1), got 1"},
      {R"({"space": {"hidden_layers": {"uniform": {"min": 1, "max": 4}}}})",
       "space.hidden_layers: is a whole number; write int or int_log"},
      {R"({"space": {"hidden_units_2": {"int": {"min": 0, "max": 4}}}})",
       "space.hidden_units_2.int.min: must be a whole number in [1, 65536], got 0"},
      {R"({"space": {"batch_size": {"values": [32, 64.5, "x"]}}})",
       "space.batch_size.values[2]: must be a number; write choice for words"},
      {R"({"space": {"batch_size": {"values": [32, 64.5]}}})",
       "space.batch_size.values[1]: must be a whole number in [1, 1048576], got 64.5"},
      {R"({"space": {"batch_norm": {"int": {"min": 0, "max": 1}}}})",
       "space.batch_norm: write choice: it is a boolean, true or false"},
      {R"({"space": {"optimizer": {"choice": ["adam", "sgd"]}}})",
       "space.optimizer.choice[1]: must be a word: one of gradient_descent, momentum, nesterov, "
       "rmsprop, adam, adamw, got \"sgd\""},
      {R"({"space": {"beta2": {"logComplement": {"min": 0.9, "max": 0.99},
                               "when": {"optimizer": ["adam"]}}}, "fixed": {"optimizer": "adam"}})",
       "space.beta2.when.optimizer: there is no optimizer in space to depend on"},
      {R"({"space": {"dropout": {"uniform": {"min": 0, "max": 0.5}}}, "fixed": {"dropout": 0.1}})",
       "fixed.dropout: is in space too; keep one of them"},
      {R"({"fixed": {"dropot": 1, "momentum": 1, "activation": "relus"}})",
       "fixed.activation: must be a word: one of relu, leaky_relu, tanh, sigmoid, got \"relus\"\n"
       "fixed.dropot: no such hyperparameter; did you mean dropout?\n"
       "fixed.momentum: must be a number in [0, 1), got 1"},
      {R"({"space": {"learning_rate": {"log": {"min": 0.1, "max": 1}}},
           "fixed": {"batch_norm": true},
           "enqueue": [{"learning_rate": 0.5},
                       {"learning_rate": -1, "lr": 1, "dropout": 0.5, "batch_norm": false}]})",
       "enqueue[1].batch_norm: is fixed to true\n"
       "enqueue[1].dropout: is not in space; add it there, or to fixed\n"
       "enqueue[1].learning_rate: must be a number in (0, 1000], got -1\n"
       "enqueue[1].lr: no such hyperparameter"},
      {R"({"space": {"batch_size": {"int": {"min": 1, "max": 64}}}})",
       "space.batch_size: can be 1, which batch norm cannot normalise; start at 2, or fix "
       "batch_norm: false"},
      {R"({"fixed": {"batch_size": 1}})",
       "fixed.batch_size: can be 1, which batch norm cannot normalise; start at 2, or fix "
       "batch_norm: false"},
      {R"({"space": {"batch_size": {"values": [32, 64]}}, "enqueue": [{"batch_size": 1}]})",
       "enqueue[0].batch_size: is 1, which batch norm cannot normalise; it must be at least 2"},
      {R"({"name": "?", "budget": {"trials": -1}, "weight": -1})",
       "name: must be 1 to 128 letters, digits, dots, underscores and dashes\n"
       "budget.trials: must be in [1, 1000000], got -1\n"
       "weight: must be a number > 0, got -1"},
  };
  for (const auto& [json, message] : kCases) EXPECT_EQ(ProblemsOf(json), message) << json;
}

// Each of these fits one request, and would keep the coordinator busy for minutes, or bring it
// down, if anything looked at it more closely.
TEST(ExpandJobTest, AHugeSpecIsRefusedAtOnce) {
  v1::JobSpec spec;
  spec.set_dataset("letters");
  spec.mutable_sampler()->mutable_grid();
  for (int i = 0; i < 30'000; ++i) {
    (*spec.mutable_space())[absl::StrCat("p", i)].mutable_uniform()->set_max(1);
  }
  EXPECT_EQ(ExpandJob(spec, Letters(), 1).status().message(),
            "space: must have at most 200 parameters, has 30000");

  spec.clear_space();
  for (int i = 0; i < 200'000; ++i) spec.add_enqueue();
  EXPECT_EQ(ExpandJob(spec, Letters(), 1).status().message(),
            "enqueue: must have at most 1000 points, has 200000");

  spec.clear_enqueue();
  for (int i = 0; i < 30'000; ++i) {
    (*spec.mutable_fixed()->mutable_fields())[absl::StrCat("p", i)].set_number_value(1);
  }
  EXPECT_EQ(ExpandJob(spec, Letters(), 1).status().message(),
            "fixed: must have at most 200 hyperparameters, has 30000");

  spec.clear_fixed();
  v1::Domain& rate = (*spec.mutable_space())["learning_rate"];
  rate.mutable_log()->set_min(1e-4);
  rate.mutable_log()->set_max(1);
  for (int i = 0; i < 100'000; ++i) {
    (*rate.mutable_when())["optimizer"].add_values()->set_string_value("adam");
  }
  EXPECT_EQ(ExpandJob(spec, Letters(), 1).status().message(),
            "space: must have at most 10000 values in all its `when` together, has 100000");

  rate.clear_when();
  for (int i = 0; i < 30'000; ++i) (*rate.mutable_when())[absl::StrCat("p", i)];
  EXPECT_EQ(ExpandJob(spec, Letters(), 1).status().message(),
            "space.learning_rate.when: must have at most 200 parameters, has 30000");
}

// One layer's units each, present from so many layers on.
TEST(ExpandJobTest, ThereIsRoomForTheConditionsOfTheDeepestNetwork) {
  v1::JobSpec spec;
  spec.set_dataset("letters");
  v1::IntRange& layers = *(*spec.mutable_space())["hidden_layers"].mutable_int_();
  layers.set_min(0);
  layers.set_max(64);
  for (int layer = 1; layer <= 64; ++layer) {
    v1::Domain& units = (*spec.mutable_space())[absl::StrCat("hidden_units_", layer)];
    units.mutable_int_()->set_min(8);
    units.mutable_int_()->set_max(64);
    for (int count = layer; count <= 64; ++count) {
      (*units.mutable_when())["hidden_layers"].add_values()->set_number_value(count);
    }
  }
  EXPECT_TRUE(ExpandJob(spec, Letters(), 1).ok()) << ExpandJob(spec, Letters(), 1).status();
}

TEST(ExpandJobTest, WallTimeIsWhatADurationCanSay) {
  EXPECT_TRUE(Expand(R"({"budget": {"wallTime": "315576000000s"}})").ok());
  v1::JobSpec spec;
  spec.set_dataset("letters");
  spec.mutable_budget()->mutable_wall_time()->set_seconds(315'576'000'001);
  EXPECT_EQ(ExpandJob(spec, Letters(), 1).status().message(),
            "budget.wall_time: must be at most 315576000000s");
}

TEST(ExpandJobTest, SpecWithoutDataSetIsRefused) {
  const absl::Status status = ExpandJob(v1::JobSpec(), Letters(), 1).status();
  EXPECT_EQ(status.message(), "dataset: must name an imported data set");
}

TEST(ExpandJobTest, ValidationObjectiveNeedsValidationRows) {
  v1::Dataset dataset = Letters();
  dataset.clear_validation();
  v1::JobSpec spec;
  spec.set_dataset("letters");
  EXPECT_EQ(ExpandJob(spec, dataset, 1).status().message(),
            "objective.metric: data set letters has no validation rows; import it with a "
            "validation part");
  spec.mutable_objective()->set_metric("train_loss");
  EXPECT_TRUE(ExpandJob(spec, dataset, 1).ok());
}

TEST(ExpandJobTest, BatchOfOneIsFineWithoutBatchNorm) {
  for (const char* json : {R"({"fixed": {"batch_size": 1, "batch_norm": false}})",
                           R"({"space": {"batch_norm": {"choice": [true, false]},
                      "batch_size": {"values": [1, 2], "when": {"batch_norm": [false]}}}})"}) {
    EXPECT_TRUE(Expand(json).ok()) << Expand(json).status();
  }
}

TEST(ExpandJobTest, ConstraintsMustLeaveSomethingToTry) {
  const auto with = [](absl::string_view constraint, absl::string_view more = "") {
    return absl::StrCat(R"({"space": {"dropout": {"uniform": {"min": 0, "max": 0.5}},
        "hidden_units_1": {"int": {"min": 8, "max": 64}},
        "hidden_units_2": {"int": {"min": 8, "max": 64}}},
        "sampler": {"random": {}}, "fixed": {"hidden_layers": 2}, "constraints": [")",
                        constraint, "\"]", more, "}");
  };
  const absl::StatusOr<ExpandedJob> job = Expand(with("hidden_units_2 <= hidden_units_1"));
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_TRUE(job->warnings.empty()) << job->warnings.front();
  EXPECT_EQ(ProblemsOf(with("hidden_unit_2 <= hidden_units_1")),
            "constraints[0]: hidden_unit_2 is neither in space nor in fixed; did you mean "
            "hidden_units_2?");
  EXPECT_EQ(ProblemsOf(with("hidden_units_2 + hidden_units_1 < 16")),
            "constraints: no point of the space was found that meets all of them; loosen them, or "
            "widen the space");
  EXPECT_EQ(ProblemsOf(with("hidden_units_2 <= hidden_units_1",
                            R"(, "enqueue": [{"dropout": 0.1}, {"hidden_units_1": 8},
                                 {"hidden_units_1": 8, "hidden_units_2": 9}])")),
            "enqueue[2]: breaks the constraint \"hidden_units_2 <= hidden_units_1\"");
  EXPECT_EQ(ProblemsOf(with("hidden_units_2 <= hidden_units_1 - 1",
                            R"(, "enqueue": [{"hidden_units_1": 8}])")),
            "enqueue[0]: cannot be completed to a point that meets the constraints");
}

TEST(ExpandJobTest, ConstraintsThatAllowLittleAreWarnedOf) {
  const absl::StatusOr<ExpandedJob> job = Expand(R"({
      "space": {"dropout": {"uniform": {"min": 0, "max": 0.5}},
                "label_smoothing": {"uniform": {"min": 0, "max": 0.5}}},
      "sampler": {"random": {}}, "constraints": ["dropout + label_smoothing <= 0.03"]})");
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_EQ(job->warnings.size(), 1u);
  EXPECT_THAT(job->warnings[0], StartsWith("constraints: allow 0."));
}

TEST(ExpandJobTest, AGridNeedsACombinationThatConstraintsAllow) {
  const auto with = [](int points) {
    return absl::StrCat(R"({"space": {"dropout": {"uniform": {"min": 0, "max": 0.5}}},
        "sampler": {"grid": {"points": )",
                        points, R"(}},
        "constraints": ["dropout >= 0.2", "dropout <= 0.3"]})");
  };
  EXPECT_EQ(ProblemsOf(with(2)),
            "sampler.grid: no combination meets the constraints; use more points, or another "
            "sampler");
  EXPECT_TRUE(Expand(with(3)).ok());
}

}  // namespace
}  // namespace caviar::search
