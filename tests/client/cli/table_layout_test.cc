#include "client/cli/table_layout.h"

#include <gtest/gtest.h>

namespace caviar::cli {
namespace {

TEST(LayOutColumnsTest, ShowsAllWhereThereIsRoomOrNoBound) {
  const ColumnNeed needs[] = {{.width = 5}, {.width = 9, .expendable = 3}};
  EXPECT_EQ(LayOutColumns(needs, 16), (std::vector<int>{5, 9}));
  EXPECT_EQ(LayOutColumns(needs, 0), (std::vector<int>{5, 9}));
}

TEST(LayOutColumnsTest, LeavesOutTheMostExpendable) {
  const ColumnNeed needs[] = {{.width = 5}, {.width = 9, .expendable = 3}, {.width = 4}};
  EXPECT_EQ(LayOutColumns(needs, 20), (std::vector<int>{5, 0, 4}));
}

TEST(LayOutColumnsTest, FillsTheRoomOfAWideOneWithANarrowOne) {
  const ColumnNeed needs[] = {
      {.width = 5}, {.width = 30, .expendable = 1}, {.width = 7, .expendable = 2}};
  EXPECT_EQ(LayOutColumns(needs, 20), (std::vector<int>{5, 0, 7}));
}

TEST(LayOutColumnsTest, CutsFreeTextForTheSakeOfOthersAndGivesItTheRest) {
  const ColumnNeed needs[] = {
      {.width = 5}, {.width = 50, .shortest = 10}, {.width = 7, .expendable = 9}};
  EXPECT_EQ(LayOutColumns(needs, 26), (std::vector<int>{5, 10, 7}));
  EXPECT_EQ(LayOutColumns(needs, 40), (std::vector<int>{5, 24, 7}));
}

TEST(LayOutColumnsTest, ShowsTheFirstHoweverNarrowItIs) {
  const ColumnNeed needs[] = {{.width = 5}, {.width = 1}};
  EXPECT_EQ(LayOutColumns(needs, 3), (std::vector<int>{3, 0}));
}

}  // namespace
}  // namespace caviar::cli
