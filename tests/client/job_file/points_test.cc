#include "client/job_file/points.h"

#include <gtest/gtest.h>

#include <string>

namespace caviar::job_file {
namespace {

TEST(PointsTest, ReadsPairsWithTypedValues) {
  const auto point = ParsePoint("learning_rate=1e-2, optimizer=adam,batch_norm=true", "--point");
  ASSERT_TRUE(point.ok()) << point.status();
  EXPECT_EQ(point->fields().at("learning_rate").number_value(), 0.01);
  EXPECT_EQ(point->fields().at("optimizer").string_value(), "adam");
  EXPECT_TRUE(point->fields().at("batch_norm").bool_value());
}

TEST(PointsTest, ReadsAMapInBraces) {
  const auto point = ParsePoint(R"({"learning_rate": 0.01})", "--point");
  ASSERT_TRUE(point.ok()) << point.status();
  EXPECT_EQ(point->fields().at("learning_rate").number_value(), 0.01);
}

TEST(PointsTest, ReadsListsAndSinglePointsAsJsonAndYaml) {
  EXPECT_EQ(ParsePoints(R"([{"a": 1}, {"a": 2}])", "f")->size(), 2u);
  EXPECT_EQ(ParsePoints("- {a: 1}\n- {a: 2}\n", "f")->size(), 2u);
  EXPECT_EQ(ParsePoints(R"({"a": 1})", "f")->size(), 1u);
  EXPECT_EQ(ParsePoints("[]", "f")->size(), 0u);
}

TEST(PointsTest, SaysWhatIsWrong) {
  EXPECT_EQ(std::string(ParsePoint("learning_rate", "--point").status().message()),
            "--point: expected NAME=VALUE, got \"learning_rate\"");
  EXPECT_EQ(std::string(ParsePoint("a=1,a=2", "--point").status().message()),
            "--point: names a twice");
  EXPECT_EQ(ParsePoints("3", "f.json").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParsePoints("[3]", "f.json").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParsePoints("{a: [", "f.json").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace caviar::job_file
