#include "common/text/number_text.h"

#include <gtest/gtest.h>

namespace caviar {
namespace {

TEST(NumberTextTest, IsTheShortestThatReadsBack) {
  EXPECT_EQ(NumberText(3), "3");
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(-1e20), "-1e+20");
}

}  // namespace
}  // namespace caviar
