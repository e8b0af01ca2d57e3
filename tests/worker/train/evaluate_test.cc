#include "worker/train/evaluate.h"

#include <gtest/gtest.h>

#include <vector>

namespace caviar::train {
namespace {

TEST(MacroF1Test, IsTheMeanOfTheClassesF1) {
  // Class 0: tp 2, 3 rows, 3 predicted. Class 1: tp 1, 2 rows, 2 predicted.
  const std::vector<int32_t> labels = {0, 0, 0, 1, 1}, predictions = {0, 0, 1, 1, 0};
  EXPECT_DOUBLE_EQ(MacroF1(labels, predictions, 2), (4.0 / 6.0 + 2.0 / 4.0) / 2);
}

TEST(MacroF1Test, LeavesOutClassesWithoutRowsButNotThoseNeverPredicted) {
  const std::vector<int32_t> labels = {0, 0, 1}, predictions = {0, 0, 2};
  EXPECT_DOUBLE_EQ(MacroF1(labels, predictions, 4), (1.0 + 0.0) / 2);
}

TEST(MacroF1Test, IsOneWhenEverythingIsRight) {
  const std::vector<int32_t> labels = {2, 0, 1, 2};
  EXPECT_DOUBLE_EQ(MacroF1(labels, labels, 3), 1.0);
}

}  // namespace
}  // namespace caviar::train
