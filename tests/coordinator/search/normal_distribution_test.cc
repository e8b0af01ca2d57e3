#include "coordinator/search/normal_distribution.h"

#include <cmath>

#include "coordinator/search/fast_exp.h"
#include "coordinator/search/kernel_mass.h"
#include "gtest/gtest.h"

namespace caviar::search {
namespace {

TEST(NormalDistributionTest, QuantileUndoesTheDistributionFunction) {
  EXPECT_NEAR(NormalCdf(1.959963985), 0.975, 1e-9);
  for (double z = -6; z <= 6; z += 0.25) {
    // Above, the share itself has lost the digits.
    if (z >= 4) continue;
    EXPECT_NEAR(NormalQuantile(NormalCdf(z)), z, 1e-8 * (1 + std::abs(z))) << z;
  }
}

TEST(NormalDistributionTest, MassKeepsItsDigitsInBothTails) {
  EXPECT_NEAR(NormalMass(10, 11) / NormalMass(-11, -10), 1, 1e-12);
  EXPECT_GT(NormalMass(10, 11), 7e-24);
  EXPECT_NEAR(NormalMass(-1, 1), 0.6826894921, 1e-9);
}

TEST(NormalDistributionTest, CutDensityHasTheWholeMassInsideTheUnitInterval) {
  for (const double mean : {0.0, 0.3, 1.0}) {
    for (const double deviation : {0.01, 0.2, 1.0}) {
      constexpr int kSteps = 20000;
      double mass = 0;
      for (int i = 0; i < kSteps; ++i) {
        mass += std::exp(LogCutNormal((i + 0.5) / kSteps, mean, deviation)) / kSteps;
      }
      EXPECT_NEAR(mass, 1, 1e-4) << mean << " " << deviation;
    }
  }
}

TEST(NormalDistributionTest, CutQuantileStaysInsideAndRises) {
  for (const double mean : {0.0, 0.5, 1.0}) {
    for (const double deviation : {0.01, 1.0}) {
      double last = 0;
      for (double p = 0; p <= 1; p += 1.0 / 64) {
        const double u = CutNormalQuantile(p, mean, deviation);
        EXPECT_GE(u, last);
        EXPECT_LE(u, 1);
        last = u;
      }
    }
  }
  EXPECT_NEAR(CutNormalQuantile(0.5, 0.5, 0.1), 0.5, 1e-8);
}

TEST(FastExpTest, StaysWithinItsErrorDownToWhereFloatsEnd) {
  for (double x = 1; x > -87; x -= 0.0137) {
    const auto argument = static_cast<float>(x);
    const double exact = std::exp(static_cast<double>(argument));
    EXPECT_NEAR(FastExp(argument) / exact, 1, 2.5e-7) << x;
  }
  EXPECT_EQ(FastExp(0), 1.0f);
  for (const float x : {-90.0f, -1e3f, -2.5e6f}) EXPECT_EQ(FastExp(x), 0.0f) << x;
}

TEST(KernelMassTest, TableAndFormulaAgree) {
  for (const double bandwidth : {0.01, 0.05, 0.3, 1.0}) {
    const KernelMass one_by_one(bandwidth, 1);
    const KernelMass by_table(bandwidth, 100000);
    EXPECT_EQ(one_by_one.Above(0), 0.0f);
    for (double mean = 0; mean <= 1; mean += 1.0 / 1024) {
      EXPECT_NEAR(by_table.Above(mean), one_by_one.Above(mean), 0.002) << bandwidth << " " << mean;
    }
  }
}

}  // namespace
}  // namespace caviar::search
