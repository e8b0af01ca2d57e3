#include "coordinator/search/student_t.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace caviar::search {
namespace {

// Tables of the t distribution, two-sided 95 %.
TEST(StudentTTest, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(StudentQuantile(1, 0.975), 12.706, 5e-4);
  EXPECT_NEAR(StudentQuantile(4, 0.975), 2.776, 5e-4);
  EXPECT_NEAR(StudentQuantile(9, 0.975), 2.262, 5e-4);
  EXPECT_NEAR(StudentQuantile(30, 0.975), 2.042, 5e-4);
  EXPECT_NEAR(StudentQuantile(9, 0.025), -2.262, 5e-4);
}

// With one degree of freedom T is Cauchy's: P(|T| >= 1) = 1/2; with two, P(|T| >= t) is
// 1 - t / sqrt(2 + t^2).
TEST(StudentTTest, TailsAreThoseOfTheFormulas) {
  EXPECT_NEAR(StudentTwoSided(1, 1), 0.5, 1e-12);
  EXPECT_NEAR(StudentTwoSided(1, -1), 0.5, 1e-12);
  EXPECT_NEAR(StudentTwoSided(2, 3), 1 - 3 / std::sqrt(11.0), 1e-12);
  EXPECT_NEAR(StudentTwoSided(9, 2.262), 0.05, 1e-4);
  EXPECT_EQ(StudentTwoSided(5, 0), 1);
  EXPECT_EQ(StudentTwoSided(5, std::numeric_limits<double>::infinity()), 0);
  EXPECT_GT(StudentTwoSided(9, 40), 0);  // far out it is not rounded to nothing
}

// Student's own sleep data (Biometrika 1908): differences of two drugs in ten patients. Mean 1.58,
// deviation 1.23, t = 4.06, p = 0.0028; the interval is that of R's t.test.
TEST(StudentTTest, StudentsOwnExample) {
  const std::vector<double> differences = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
  const MeanEstimate estimate = EstimateMean(differences);
  EXPECT_EQ(estimate.count, 10u);
  EXPECT_NEAR(estimate.mean, 1.58, 1e-12);
  EXPECT_NEAR(estimate.deviation, 1.2299955, 1e-6);
  ASSERT_TRUE(estimate.interval.has_value());
  EXPECT_NEAR(estimate.interval->first, 0.7001142, 1e-6);
  EXPECT_NEAR(estimate.interval->second, 2.4598858, 1e-6);
  EXPECT_NEAR(PValueAgainstZero(estimate), 0.00283289, 1e-7);
}

TEST(StudentTTest, FewValuesHaveNoInterval) {
  EXPECT_EQ(EstimateMean({}).count, 0u);
  const MeanEstimate one = EstimateMean(std::vector<double>{0.5});
  EXPECT_EQ(one.mean, 0.5);
  EXPECT_FALSE(one.interval.has_value());
  EXPECT_EQ(PValueAgainstZero(one), 1);
}

TEST(StudentTTest, EqualValuesLeaveNoDoubt) {
  const MeanEstimate half = EstimateMean(std::vector<double>{0.5, 0.5, 0.5});
  EXPECT_EQ(half.interval->first, half.interval->second);
  EXPECT_EQ(PValueAgainstZero(half), 0);
  EXPECT_EQ(PValueAgainstZero(EstimateMean(std::vector<double>{0, 0})), 1);
}

}  // namespace
}  // namespace caviar::search
