#include "coordinator/search/trial_query.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

v1::JobSpec Job() {
  return SpecFromJson(R"({
    "objective": {"metric": "validation_accuracy", "direction": "MAXIMIZE"},
    "space": {"learning_rate": {"log": {"min": 0.0001, "max": 1}},
              "optimizer": {"choice": ["adam", "momentum"]},
              "beta2": {"uniform": {"min": 0.9, "max": 0.99}, "when": {"optimizer": ["adam"]}}},
    "fixed": {"batch_norm": true, "batch_size": 64}})");
}

v1::TrialRecord TrialFromJson(const std::string& json) {
  v1::TrialRecord trial;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &trial).ok()) << json;
  return trial;
}

v1::TrialRecord Example() {
  return TrialFromJson(R"({"number": 3, "state": "COMPLETED", "value": 0.95, "epochs_high": 20,
    "seconds": 12.5, "worker_name": "rack 7",
    "point": {"learning_rate": 0.003, "optimizer": "adam", "beta2": 0.95},
    "metrics": {"validation_loss": 0.2, "learning_rate": 0.0001, "test_accuracy": 0.9}})");
}

bool Matches(absl::string_view filter) {
  const absl::StatusOr<TrialFilter> parsed = TrialFilter::Parse(filter, Job());
  EXPECT_TRUE(parsed.ok()) << parsed.status() << " in " << std::string(filter);
  return parsed.ok() && parsed->Matches(Example());
}

std::string FilterError(absl::string_view filter) {
  const absl::StatusOr<TrialFilter> parsed = TrialFilter::Parse(filter, Job());
  EXPECT_FALSE(parsed.ok()) << std::string(filter);
  if (!parsed.ok()) {
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  }
  return std::string(parsed.status().message());
}

TEST(TrialFilterTest, MatchesWhatItSays) {
  for (const char* filter : {"",
                             "  ",
                             "state = COMPLETED",
                             "state=completed",
                             "number = 3",
                             "number >= 3",
                             "value > 0.9",
                             "value<=0.95",
                             "epochs != 19",
                             "seconds < 13",
                             "worker = 'rack 7'",
                             "worker = \"rack 7\"",
                             "worker != w1",
                             "learning_rate < 0.01",
                             "learning_rate = 3e-3",
                             "optimizer = adam",
                             "optimizer != momentum",
                             "batch_norm = true",
                             "batch_size = 64",
                             "validation_loss < 0.5",
                             "metrics.learning_rate < 0.001",
                             "point.learning_rate > 0.001",
                             "state = COMPLETED AND learning_rate < 0.01 AND optimizer = adam",
                             "value > 0.9 and value < 0.96",
                             "test_accuracy >= .9"}) {
    EXPECT_TRUE(Matches(filter)) << filter;
  }
  for (const char* filter : {"state != completed", "number > 3", "value < 0.95",
                             "optimizer = momentum", "batch_norm = false", "batch_norm != true",
                             "optimizer = 7", "value > 0.9 AND number = 4"}) {
    EXPECT_FALSE(Matches(filter)) << filter;
  }
}

TEST(TrialFilterTest, TrialThatLacksTheNameSatisfiesNoComparison) {
  const v1::TrialRecord pending =
      TrialFromJson(R"({"number": 4, "state": "PENDING", "point": {"optimizer": "momentum"}})");
  for (const char* filter :
       {"value != 0.5", "value < 1", "beta2 != 0", "validation_loss >= 0", "worker != x"}) {
    const absl::StatusOr<TrialFilter> parsed = TrialFilter::Parse(filter, Job());
    ASSERT_TRUE(parsed.ok());
    EXPECT_FALSE(parsed->Matches(pending)) << filter;
  }
}

TEST(TrialFilterTest, QuotedWordsMayHoldQuotes) {
  v1::TrialRecord trial = Example();
  trial.set_worker_name(R"(a "b" \ 'c')");
  const auto parsed = TrialFilter::Parse(R"(worker = "a \"b\" \\ 'c'")", Job());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->Matches(trial));
}

TEST(TrialFilterTest, KnowsATrialByAllThatIsShownOfIt) {
  v1::TrialRecord trial = TrialFromJson(R"({
    "number": 7, "state": "FAILED", "value": 0.5, "best_epoch": 3, "epochs_high": 4, "attempt": 2,
    "reason": "lost its worker 3 times"})");
  const auto holds = [&trial](absl::string_view filter) {
    const auto parsed = TrialFilter::Parse(filter, Job());
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed.ok() && parsed->Matches(trial);
  };
  EXPECT_TRUE(holds("trial = 7 AND number = 7"));
  EXPECT_TRUE(holds("best_epoch >= 3 AND best_epoch < 4"));
  EXPECT_TRUE(holds("attempt > 1"));
  EXPECT_TRUE(holds("reason = 'lost its worker 3 times'"));
  EXPECT_FALSE(holds("reason = diverged"));
  trial.clear_reason();
  EXPECT_FALSE(holds("reason != diverged")) << "it has none";
  trial.clear_value();
  EXPECT_FALSE(holds("best_epoch >= 0")) << "it has none";
}

TEST(TrialFilterTest, ErrorsPointAtTheirColumn) {
  EXPECT_EQ(FilterError("stat = COMPLETED"),
            "filter, column 1: this job's trials have no stat; did you mean state?");
  EXPECT_EQ(FilterError("value 3"), "filter, column 7: expected one of = != < <= > >=");
  EXPECT_EQ(FilterError("value <"), "filter, column 8: expected a number, a word or a quoted word");
  EXPECT_EQ(FilterError("value < 3 OR number = 1"), "filter, column 11: expected AND or the end");
  EXPECT_EQ(FilterError("value < 3 AND "), "filter, column 15: expected a name after AND");
  EXPECT_EQ(FilterError("worker = 'x"), "filter, column 10: this quote is not closed");
  EXPECT_EQ(FilterError("optimizer < adam"),
            "filter, column 11: words and booleans are compared with = or != only");
  EXPECT_EQ(FilterError("state = DONE"),
            "filter, column 9: expected a state: PENDING, RUNNING, PAUSED, COMPLETED, PRUNED, "
            "INFEASIBLE, FAILED or CANCELLED");
  EXPECT_EQ(FilterError("(value < 3)"),
            "filter, column 1: expected a name, such as state or value");
  // A hyperparameter of the trainer, but not of this job.
  EXPECT_EQ(FilterError("dropout < 0.5"), "filter, column 1: this job's trials have no dropout");
}

TEST(TrialFilterTest, NoTextCrashesTheParser) {
  Rng rng(9);
  const std::string pieces[] = {"value", "state", "=", "!=", "<",  "<=", "'",  "\"",   "\\",  "AND",
                                " ",     "1e9",   "x", "-",  "\n", "(",  "\0", "\xff", "true"};
  const v1::JobSpec job = Job();
  const v1::TrialRecord trial = Example();
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (uint32_t n = rng.UniformInt(12); n > 0; --n) text += pieces[rng.UniformInt(19)];
    const absl::StatusOr<TrialFilter> parsed = TrialFilter::Parse(text, job);
    if (parsed.ok()) parsed->Matches(trial);
  }
}

std::vector<uint32_t> Ordered(absl::string_view order_by, std::vector<v1::TrialRecord> trials) {
  const absl::StatusOr<TrialOrder> order = TrialOrder::Parse(order_by, Job());
  EXPECT_TRUE(order.ok()) << order.status();
  std::sort(
      trials.begin(), trials.end(),
      [&order](const v1::TrialRecord& a, const v1::TrialRecord& b) { return order->Before(a, b); });
  std::vector<uint32_t> numbers;
  for (const v1::TrialRecord& trial : trials) numbers.push_back(trial.number());
  return numbers;
}

std::vector<v1::TrialRecord> Four() {
  return {TrialFromJson(R"({"number": 1, "seconds": 5, "value": 0.5,
                            "point": {"optimizer": "momentum"}})"),
          TrialFromJson(R"({"number": 2, "seconds": 3, "value": 0.9,
                            "point": {"optimizer": "adam", "beta2": 0.9}})"),
          TrialFromJson(R"({"number": 3, "seconds": 4})"),
          TrialFromJson(R"({"number": 4, "seconds": 3, "value": 0.9,
                            "point": {"optimizer": "adam", "beta2": 0.95}})")};
}

TEST(TrialOrderTest, BlankIsTheObjectiveBestFirst) {
  EXPECT_EQ(Ordered("", Four()), (std::vector<uint32_t>{2, 4, 1, 3}));
  v1::JobSpec minimizing = Job();
  minimizing.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  const auto order = TrialOrder::Parse(" ", minimizing);
  ASSERT_TRUE(order.ok());
  EXPECT_TRUE(order->Before(Four()[0], Four()[1]));
  EXPECT_TRUE(order->Before(Four()[0], Four()[2]));  // without a value: last in either direction
}

TEST(TrialOrderTest, OrdersByAnyNameWithTiesByNumberAndAbsentOnesLast) {
  EXPECT_EQ(Ordered("seconds", Four()), (std::vector<uint32_t>{2, 4, 3, 1}));
  EXPECT_EQ(Ordered("seconds desc", Four()), (std::vector<uint32_t>{1, 3, 2, 4}));
  EXPECT_EQ(Ordered("beta2 DESC", Four()), (std::vector<uint32_t>{4, 2, 1, 3}));
  EXPECT_EQ(Ordered("beta2 asc", Four()), (std::vector<uint32_t>{2, 4, 1, 3}));
  EXPECT_EQ(Ordered(" optimizer ", Four()), (std::vector<uint32_t>{2, 4, 1, 3}));
  EXPECT_EQ(Ordered("number desc", Four()), (std::vector<uint32_t>{4, 3, 2, 1}));
}

TEST(TrialOrderTest, ErrorsPointAtTheirColumn) {
  EXPECT_EQ(TrialOrder::Parse("secnds desc", Job()).status().message(),
            "order_by, column 1: this job's trials have no secnds; did you mean seconds?");
  EXPECT_EQ(TrialOrder::Parse("  seconds  down", Job()).status().message(),
            "order_by, column 12: expected asc, desc or the end");
}

}  // namespace
}  // namespace caviar::search
