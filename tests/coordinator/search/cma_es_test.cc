#include "coordinator/search/cma_es.h"

#include <cmath>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/cma_margin.h"
#include "coordinator/search/normal_distribution.h"
#include "coordinator/search/symmetric_eigen.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/cma_es_reference.h"

namespace caviar::search {
namespace {

void ExpectNear(const std::vector<double>& actual, const std::vector<double>& expected,
                double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
}

std::vector<std::vector<double>> InRowsOf(int n, const std::vector<double>& values) {
  std::vector<std::vector<double>> rows;
  for (size_t i = 0; i < values.size(); i += n) {
    rows.emplace_back(values.begin() + i, values.begin() + i + n);
  }
  return rows;
}

// Table 1 of the tutorial by hand, n = 5, lambda = 8: mu = 4, ln(4.5 / i) = 1.5041, 0.8109, 0.4055,
// 0.1178, sum 2.8383, squares 3.0980.
TEST(CmaRatesTest, FollowTheTutorialForFiveDimensions) {
  EXPECT_EQ(DefaultCmaPopulation(5), 8);
  EXPECT_EQ(DefaultCmaPopulation(10), 10);
  EXPECT_EQ(DefaultCmaPopulation(1), 4);
  const CmaRates rates(5, 8);
  EXPECT_EQ(rates.parents, 4);
  EXPECT_NEAR(rates.effective_parents, 2.6001, 1e-3);
  EXPECT_NEAR(rates.weights[0], 0.5299, 1e-4);
  EXPECT_NEAR(rates.weights[3], 0.0415, 1e-4);
  EXPECT_NEAR(rates.path_sigma, 4.6001 / 12.6001, 1e-4);
  EXPECT_NEAR(rates.damping, 1 + 0.3651, 1e-3);
  EXPECT_NEAR(rates.path_covariance, (4 + 0.52) / (9 + 1.04), 1e-4);
  EXPECT_NEAR(rates.rank_one, 2 / (6.3 * 6.3 + 2.6001), 1e-5);
  EXPECT_NEAR(rates.rank_mu, 2 * (0.6001 + 1 / 2.6001) / (49 + 2.6001), 1e-4);
}

TEST(CmaRatesTest, PositiveWeightsHaveSumOneAndTheCovarianceStaysPositive) {
  for (int n = 1; n <= 40; ++n) {
    for (int population = 4; population <= 200; population += 7) {
      const CmaRates rates(n, population);
      double positive = 0;
      double all = 0;
      for (const double weight : rates.weights) {
        positive += std::max(weight, 0.0);
        all += std::abs(weight);
      }
      EXPECT_NEAR(positive, 1, 1e-12);
      // What the negative weights can take from an eigenvalue of C is less than what is kept of it.
      const double negative = all - positive;
      EXPECT_GE(1 - rates.rank_one - rates.rank_mu - n * rates.rank_mu * negative, -1e-12)
          << n << ", " << population;
    }
  }
}

TEST(CmaEsTest, TwoGenerationsEqualThoseOfTheReference) {
  CmaEs distribution(reference::kMean, reference::kSigma);
  const CmaRates rates(3, reference::kPopulation);
  ExpectNear(rates.weights, reference::kWeights, 1e-12);
  distribution.Update(InRowsOf(3, reference::kFirstSamples), rates);
  ExpectNear(distribution.mean(), reference::kFirstMean, 1e-12);
  EXPECT_NEAR(distribution.sigma(), reference::kFirstSigma[0], 1e-12);
  ExpectNear(distribution.covariance(), reference::kFirstCovariance, 1e-12);
  distribution.Update(InRowsOf(3, reference::kSecondSamples), rates);
  ExpectNear(distribution.mean(), reference::kSecondMean, 1e-12);
  EXPECT_NEAR(distribution.sigma(), reference::kSecondSigma[0], 1e-12);
  ExpectNear(distribution.covariance(), reference::kSecondCovariance, 1e-12);
}

TEST(CmaEsTest, DrawsHaveTheCovarianceItStates) {
  const CmaEs distribution({0.2, 0.7}, 0.5, {2, 0.6, 0.6, 1});
  Rng rng(4);
  double xx = 0, xy = 0, yy = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const std::vector<double> z = {rng.Normal(), rng.Normal()};
    const std::vector<double> at = distribution.At(z);
    xx += (at[0] - 0.2) * (at[0] - 0.2) / kDraws;
    xy += (at[0] - 0.2) * (at[1] - 0.7) / kDraws;
    yy += (at[1] - 0.7) * (at[1] - 0.7) / kDraws;
  }
  EXPECT_NEAR(xx, 0.5, 0.02);
  EXPECT_NEAR(xy, 0.15, 0.01);
  EXPECT_NEAR(yy, 0.25, 0.01);
  EXPECT_NEAR(distribution.StandardDeviation(0), std::sqrt(0.5), 1e-12);
}

TEST(CmaEsTest, APointFromFarOutsideMovesTheMeanNoFurtherThanALikelyOne) {
  const CmaRates rates(2, 4);
  std::vector<std::vector<double>> samples(4, {0.5, 0.5});
  samples[0] = {1000, 0.5};
  CmaEs distribution({0.5, 0.5}, 0.1);
  distribution.Update(samples, rates);
  EXPECT_NEAR(distribution.mean()[0], 0.5 + 0.1 * rates.weights[0] * (std::sqrt(2) + 1), 1e-12);
}

double MassOutside(const CmaEs& distribution, double low, double high) {
  const double deviation = distribution.StandardDeviation(0);
  return NormalCdf((low - distribution.mean()[0]) / deviation) +
         NormalCdf((distribution.mean()[0] - high) / deviation);
}

TEST(CmaMarginTest, LeavesAWholeNumberWithAtLeastTheMargin) {
  const std::vector<double> thresholds = {0.25, 0.5, 0.75};
  for (const double mean : {0.01, 0.2, 0.26, 0.4, 0.49, 0.6, 0.8, 0.99}) {
    for (const double sigma : {0.001, 0.03, 0.3}) {
      CmaEs distribution({mean}, sigma);
      KeepMargin(distribution, 0, thresholds, 0.1);
      const double place = std::floor(mean * 4) / 4;
      const double low = place == 0 ? -1e9 : place;
      const double high = place == 0.75 ? 1e9 : place + 0.25;
      EXPECT_GE(MassOutside(distribution, low, high), 0.1 - 1e-6) << mean << ", " << sigma;
      EXPECT_EQ(std::floor(distribution.mean()[0] * 4) / 4, place) << "rounds to another value";
    }
  }
}

TEST(CmaMarginTest, ChangesNothingThatMovesEnough) {
  CmaEs distribution({0.4}, 0.3);
  KeepMargin(distribution, 0, std::vector<double>{0.25, 0.5, 0.75}, 0.05);
  EXPECT_EQ(distribution.mean()[0], 0.4);
  EXPECT_EQ(distribution.StandardDeviation(0), 0.3);
}

TEST(SymmetricEigenTest, VectorsTimesValuesGiveTheMatrixBackWithAndWithoutAGuess) {
  Rng rng(3);
  for (int n = 1; n <= 12; ++n) {
    std::vector<double> matrix(n * n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j <= i; ++j) matrix[i * n + j] = matrix[j * n + i] = rng.Normal();
    }
    const SymmetricEigen plain = EigenOf(matrix);
    for (double& entry : matrix) entry *= 1.01;
    matrix[0] += 0.1;
    for (const SymmetricEigen& eigen : {EigenOf(matrix), EigenOf(matrix, plain.vectors)}) {
      std::vector<double> product(n * n, 0.0);
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) {
          for (int k = 0; k < n; ++k) {
            product[i * n + j] +=
                eigen.vectors[i * n + k] * eigen.values[k] * eigen.vectors[j * n + k];
          }
        }
      }
      ExpectNear(product, matrix, 1e-12);
    }
  }
}

TEST(NormalDistributionTest, AgreesWithTablesAndItself) {
  EXPECT_NEAR(NormalCdf(1.959963984540054), 0.975, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-8);
  EXPECT_NEAR(NormalDensity(0), 0.3989422804014327, 1e-15);
  for (const double z : {-30.0, -8.0, -3.0, -0.5, 0.0, 0.7, 4.0}) {
    EXPECT_NEAR(NormalQuantile(NormalCdf(z)), z, 1e-8 * (1 + std::abs(z))) << z;
  }
  // Abramowitz and Stegun, table 26.2: -ln Q(x) / ln 10 of x = 10, 40, 300.
  EXPECT_NEAR(-LogNormalCdf(-10) / std::log(10), 23.11805, 1e-5);
  EXPECT_NEAR(-LogNormalCdf(-40) / std::log(10), 349.43701, 1e-5);
  EXPECT_NEAR(-LogNormalCdf(-300) / std::log(10), 19546.12790, 1e-5);
  EXPECT_NEAR(LogNormalCdf(-10.0000001), LogNormalCdf(-9.9999999), 1e-5);
  EXPECT_NEAR(LogNormalCdf(6), -NormalCdf(-6), 1e-17);
}

}  // namespace
}  // namespace caviar::search
