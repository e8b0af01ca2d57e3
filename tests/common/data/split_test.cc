#include "common/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace caviar::data {
namespace {

using ::testing::HasSubstr;

std::vector<int32_t> Labels(const std::vector<int>& rows_of_class) {
  std::vector<int32_t> labels;
  for (size_t c = 0; c < rows_of_class.size(); ++c) {
    labels.insert(labels.end(), static_cast<size_t>(rows_of_class[c]), static_cast<int32_t>(c));
  }
  return labels;
}

// [class][part]
std::vector<std::array<int, 3>> Counts(const std::vector<int32_t>& labels,
                                       const std::vector<PartName>& parts, int classes) {
  std::vector<std::array<int, 3>> counts(static_cast<size_t>(classes));
  for (size_t i = 0; i < labels.size(); ++i) {
    ++counts[static_cast<size_t>(labels[i])][static_cast<size_t>(parts[i])];
  }
  return counts;
}

TEST(SplitRowsTest, KeepsTheSharesOfEveryClass) {
  const std::vector<int32_t> labels = Labels({700, 300});
  const auto parts = SplitRows(labels, 2, SplitShares(), 0);
  ASSERT_TRUE(parts.ok());
  const auto counts = Counts(labels, *parts, 2);
  EXPECT_EQ(counts[0], (std::array{490, 105, 105}));
  EXPECT_EQ(counts[1], (std::array{210, 45, 45}));
}

TEST(SplitRowsTest, CarriesRoundingsFromClassToClass) {
  // 26 classes of 10: rounding 1.5 up in each would put 39 * 4/3 rows aside.
  const std::vector<int32_t> labels = Labels(std::vector<int>(26, 10));
  const auto parts = SplitRows(labels, 26, SplitShares(), 0);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(std::count(parts->begin(), parts->end(), PartName::kValidation), 39);
  EXPECT_EQ(std::count(parts->begin(), parts->end(), PartName::kTest), 39);
}

// 300 classes that must give a row where their share is 0.45: the last one does not pay for them.
TEST(SplitRowsTest, GivesABigClassItsShareBehindALongTail) {
  std::vector<int> rows(300, 3);
  rows.push_back(600);
  const std::vector<int32_t> labels = Labels(rows);
  const auto parts = SplitRows(labels, 301, SplitShares(), 0);
  ASSERT_TRUE(parts.ok());
  const auto counts = Counts(labels, *parts, 301);
  EXPECT_EQ(counts[0], (std::array{1, 1, 1}));
  EXPECT_NEAR(counts[300][1], 90, 1);
  EXPECT_NEAR(counts[300][2], 90, 1);
}

TEST(SplitRowsTest, PutsClassesWithFewerThanThreeRowsIntoTraining) {
  const std::vector<int32_t> labels = Labels({1, 2, 3, 4});
  const auto parts = SplitRows(labels, 4, SplitShares(), 0);
  ASSERT_TRUE(parts.ok());
  const auto counts = Counts(labels, *parts, 4);
  EXPECT_EQ(counts[0], (std::array{1, 0, 0}));
  EXPECT_EQ(counts[1], (std::array{2, 0, 0}));
  EXPECT_EQ(counts[2], (std::array{1, 1, 1}));
  EXPECT_EQ(counts[3], (std::array{2, 1, 1}));
}

TEST(SplitRowsTest, DependsOnTheSeedAlone) {
  const std::vector<int32_t> labels = Labels({50, 50});
  EXPECT_EQ(*SplitRows(labels, 2, SplitShares(), 7), *SplitRows(labels, 2, SplitShares(), 7));
  EXPECT_NE(*SplitRows(labels, 2, SplitShares(), 7), *SplitRows(labels, 2, SplitShares(), 8));
}

TEST(SplitRowsTest, LeavesTheTestPartEmptyWithoutShare) {
  const auto parts = SplitRows(Labels({50, 50}), 2, {0.8, 0.2, 0}, 0);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(std::count(parts->begin(), parts->end(), PartName::kTest), 0);
  EXPECT_EQ(std::count(parts->begin(), parts->end(), PartName::kValidation), 20);
}

TEST(SplitRowsTest, RefusesAValidationPartWithoutRows) {
  const auto parts = SplitRows(Labels({2, 2, 1}), 3, SplitShares(), 0);
  EXPECT_THAT(std::string(parts.status().message()), HasSubstr("too few rows"));
}

TEST(SharesFromSettingsTest, HasDefaultsAndChecks) {
  v1::ImportSettings settings;
  EXPECT_EQ(SharesFromSettings(settings, false)->train, 0.70);
  EXPECT_EQ(SharesFromSettings(settings, true)->train, 0.85);
  EXPECT_EQ(SharesFromSettings(settings, true)->test, 0);
  settings.set_train_fraction(0.8);
  EXPECT_FALSE(SharesFromSettings(settings, false).ok());
  const auto given = [&settings](double train, double validation, double test) {
    settings.set_train_fraction(train);
    settings.set_validation_fraction(validation);
    settings.set_test_fraction(test);
    return SharesFromSettings(settings, false).ok();
  };
  EXPECT_TRUE(given(0.8, 0.2, 0));
  EXPECT_FALSE(given(0.8, 0.1, 0.2));
  EXPECT_FALSE(given(1, 0, 0));
  EXPECT_FALSE(given(1.2, -0.4, 0.2));
  EXPECT_FALSE(given(std::nan(""), 0.5, 0.5));
  EXPECT_FALSE(given(std::numeric_limits<double>::infinity(), 0.5, 0.5));
}

}  // namespace
}  // namespace caviar::data
