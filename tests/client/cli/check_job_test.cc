#include "client/cli/check_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "client/job_file/job_file.h"

namespace caviar::cli {
namespace {

using ::testing::HasSubstr;

absl::Status Check(absl::string_view yaml) {
  job_file::JobFileOptions options;
  options.source = "f";
  options.check = CheckJobValues;
  return job_file::ParseJobFile(yaml, options).status();
}

TEST(CheckJobValuesTest, TakesWhatTheCoordinatorWouldTake) {
  EXPECT_TRUE(Check("").ok()) << Check("");
  EXPECT_TRUE(
      Check("data: {path: d.csv, target: y}\nspace: {learning_rate: {log: [1e-4, 1]}}").ok());
  EXPECT_TRUE(Check("dataset: letters\nsampler: grid\nenqueue: [{learning_rate: 0.1}]").ok());
}

// An unknown field, a word for a number and five wrong values: all of them at once, the unreadable
// ones once.
TEST(CheckJobValuesTest, FindsWhatIsWrongWithFormAndValuesAtOnce) {
  const absl::Status status = Check(R"(budgte: {trials: 1}
budget: {trials: -3, epochs: x}
objective: {metric: accuracy}
space:
  learning_rate: {log: [0, 1]}
  momentum: {log: {min: abc, max: 0.9}}
  droput: {uniform: [0, 0.5]}
  hidden_units: {int: [512, 32]}
)");
  const std::string message(status.message());
  for (const char* line : {
           "f:1: budgte: unknown field; did you mean budget?",
           "f:2: budget.epochs: must be a whole number, got \"x\"",
           "f:2: budget.trials: must be in [1, 1000000], got -3",
           "f:3: objective.metric: must be one of",
           "f:5: space.learning_rate.log[0]: must be > 0",
           "f:6: space.momentum.log.min: must be a number, got \"abc\"",
           "f:7: space.droput: no such hyperparameter; did you mean dropout?",
           "f:8: space.hidden_units.int[0]: must not exceed max (512 > 32)",
       }) {
    EXPECT_THAT(message, HasSubstr(line));
  }
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 8 - 1) << message;
}

TEST(WarningsOfTest, DependOnTheDataSetsRowsOnlyWhereItIsKnown) {
  v1::JobSpec spec;
  (*spec.mutable_fixed()->mutable_fields())["batch_size"].set_number_value(512);
  EXPECT_THAT(*WarningsOf(spec, {}), testing::IsEmpty());
  v1::Dataset few_rows;
  few_rows.mutable_train()->set_rows(100);
  few_rows.mutable_validation()->set_rows(20);
  EXPECT_THAT(*WarningsOf(spec, few_rows), testing::ElementsAre(HasSubstr("fixed.batch_size: ")));
}

TEST(CheckJobValuesTest, TakesNoZeroForADefault) {
  const std::string message(
      Check("budget: {trials: 0, epochs: 0, total_epochs: 0}\nsampler: {zoom: {rounds: 0}}\n"
            "weight: 0\n")
          .message());
  EXPECT_EQ(message,
            "f:1: budget.trials: must be in [1, 1000000], got 0\n"
            "f:1: budget.epochs: must be in [1, 1000000], got 0\n"
            "f:1: budget.total_epochs: must be > 0, or absent for no bound of its own, got 0\n"
            "f:2: sampler.zoom.rounds: must be in [1, 100], got 0\n"
            "f:3: weight: must be a number > 0, got 0");
}

}  // namespace
}  // namespace caviar::cli
