#include "client/cli/number_text.h"

#include <gtest/gtest.h>

namespace caviar::cli {
namespace {

TEST(NumberTextTest, IsShortForPeopleAndExactForPrograms) {
  EXPECT_EQ(ShortNumber(0.97125), "0.97125");
  EXPECT_EQ(ShortNumber(1e-5), "1e-05");
  EXPECT_EQ(ShortNumber(256), "256");
  EXPECT_EQ(ExactNumber(1.0 / 3), "0.3333333333333333");
}

TEST(TypedNumberTest, IsAsAPersonWritesItAndReadsBack) {
  EXPECT_EQ(TypedNumber(0.0001), "0.0001");
  EXPECT_EQ(TypedNumber(300), "300");
  EXPECT_EQ(TypedNumber(-1), "-1");
  EXPECT_EQ(TypedNumber(0.999), "0.999");
  EXPECT_EQ(std::stod(TypedNumber(1.0 / 3)), 1.0 / 3);
  EXPECT_EQ(std::stod(TypedNumber(1e300)), 1e300);
}

TEST(SecondsTest, HaveThreeDigitsForPeopleAndNoExponent) {
  EXPECT_EQ(ShortSeconds(0), "0");
  EXPECT_EQ(ShortSeconds(8.778e-05), "<0.001");
  EXPECT_EQ(ShortSeconds(0.0123456), "0.012");
  EXPECT_EQ(ShortSeconds(2.360640804999999), "2.36");
  EXPECT_EQ(ShortSeconds(9.999), "10");
  EXPECT_EQ(ShortSeconds(99.96), "100");
  EXPECT_EQ(ShortSeconds(12345.6), "12346");
}

TEST(SecondsTest, KeepMicrosecondsForPrograms) {
  EXPECT_EQ(ExactSeconds(2.360640804999999), "2.360641");
  EXPECT_EQ(ExactSeconds(1.5), "1.5");
}

TEST(CountedTest, AgreesWithItsNoun) {
  EXPECT_EQ(Counted(0, "trial"), "0 trials");
  EXPECT_EQ(Counted(1, "trial"), "1 trial");
  EXPECT_EQ(Counted(40, "trial"), "40 trials");
}

}  // namespace
}  // namespace caviar::cli
