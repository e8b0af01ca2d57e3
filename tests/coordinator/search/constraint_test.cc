#include "coordinator/search/constraint.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/search/space.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

constexpr char kSpace[] = R"("space": {
    "a": {"uniform": {"min": 0, "max": 1}}, "b": {"uniform": {"min": -1, "max": 1}},
    "n": {"int": {"min": 1, "max": 9}}, "size": {"choice": [16, 64]},
    "word": {"choice": ["x", "y"]},
    "deep": {"int": {"min": 1, "max": 9}, "when": {"word": {"values": ["x"]}}}
}, "fixed": {"four": 4, "on": true})";

absl::StatusOr<Space> With(absl::string_view constraint) {
  return Space::Create(
      SpecFromJson(absl::StrCat("{", kSpace, ", \"constraints\": [\"", constraint, "\"]}")));
}

// Whether the constraint allows the point.
bool Holds(absl::string_view constraint, absl::string_view point_json) {
  const absl::StatusOr<Space> space = With(constraint);
  EXPECT_TRUE(space.ok()) << std::string(constraint) << ": " << space.status();
  const v1::JobSpec point = SpecFromJson(absl::StrCat("{\"enqueue\": [", point_json, "]}"));
  return space.ok() && space->Allows(point.enqueue(0));
}

std::string Problem(absl::string_view constraint) {
  const absl::StatusOr<Space> space = With(constraint);
  EXPECT_FALSE(space.ok()) << std::string(constraint);
  return std::string(space.status().message());
}

TEST(ConstraintTest, ComparesSumsOnBothSides) {
  EXPECT_TRUE(Holds("2 * a + b <= 1.5", R"({"a": 0.5, "b": 0.5})"));
  EXPECT_FALSE(Holds("2 * a + b <= 1.5", R"({"a": 0.5, "b": 0.51})"));
  EXPECT_TRUE(Holds("a >= b", R"({"a": 0.5, "b": 0.5})"));
  EXPECT_FALSE(Holds("a > b", R"({"a": 0.5, "b": 0.5})"));
  EXPECT_TRUE(Holds("a > b", R"({"a": 0.5, "b": 0.4})"));
  EXPECT_FALSE(Holds("n<4", R"({"n": 4})"));
  EXPECT_TRUE(Holds("n<4", R"({"n": 3})"));
  EXPECT_TRUE(Holds("-a + 1 >= -1e-1*b - .5", R"({"a": 1, "b": 0})"));
  EXPECT_FALSE(Holds("3 - n <= a - 2.5E0 + b", R"({"a": 0, "b": 0, "n": 5})"));
  EXPECT_TRUE(Holds("3 - n <= a - 2.5E0 + b", R"({"a": 0, "b": 0, "n": 6})"));
  // The same name on both sides is one.
  EXPECT_TRUE(Holds("a + n <= a + 4", R"({"n": 4})"));
  EXPECT_FALSE(Holds("a + n <= a + 4", R"({"n": 5})"));
  EXPECT_FALSE(Holds("size <= 32", R"({"size": 64})"));
}

TEST(ConstraintTest, RoundingMakesNoDifference) {
  EXPECT_TRUE(Holds("a + b <= 0.3", R"({"a": 0.1, "b": 0.2})"));  // 0.30000000000000004
  EXPECT_FALSE(Holds("a + b > 0.3", R"({"a": 0.1, "b": 0.2})"));
  EXPECT_FALSE(Holds("a < b", R"({"a": 0, "b": 0})"));
}

TEST(ConstraintTest, FixedNumbersCountAsWhatTheyAre) {
  EXPECT_TRUE(Holds("n <= 2 * four", R"({"n": 8})"));
  EXPECT_FALSE(Holds("n <= 2 * four", R"({"n": 9})"));
}

TEST(ConstraintTest, BindsOnlyWhereAllOfItsParametersAreActive) {
  EXPECT_FALSE(Holds("deep <= n", R"({"n": 1, "deep": 2})"));
  EXPECT_TRUE(Holds("deep <= n", R"({"n": 1})"));
}

TEST(ConstraintTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(Problem("a <= "),
            "constraints[0]: at character 6: expected a number or the name of a hyperparameter");
  EXPECT_EQ(Problem("a + b"), "constraints[0]: at character 6: expected +, -, <=, >=, < or >");
  EXPECT_EQ(Problem("a == b"),
            "constraints[0]: at character 3: an equality leaves no room to draw points from; write "
            "<= or >=");
  EXPECT_EQ(Problem("0 <= a <= 1"),
            "constraints[0]: at character 8: one comparison is enough; write the other one as a "
            "constraint of its own");
  EXPECT_EQ(Problem("a * b <= 1"),
            "constraints[0]: at character 3: write the number first, as in 2 * momentum; a product "
            "of two hyperparameters is not linear");
  EXPECT_EQ(Problem("a <= 1 1"), "constraints[0]: at character 8: expected +, - or the end");
  EXPECT_EQ(Problem("a <= 1e999"), "constraints[0]: its numbers are too large");
  EXPECT_EQ(Problem("size <= sise"),
            "constraints[0]: sise is neither in space nor in fixed; did you mean size?");
  EXPECT_EQ(Problem("a <= qqqqqqqq"), "constraints[0]: qqqqqqqq is neither in space nor in fixed");
  EXPECT_EQ(Problem("a <= word"), "constraints[0]: word is no number");
  EXPECT_EQ(Problem("a <= on"), "constraints[0]: on is no number");
  EXPECT_EQ(Problem("four <= 5"),
            "constraints[0]: compares nothing that is searched; it must name a hyperparameter of "
            "space");
  EXPECT_EQ(Problem("a - a <= 5"),
            "constraints[0]: compares nothing that is searched; it must name a hyperparameter of "
            "space");
}

}  // namespace
}  // namespace caviar::search
