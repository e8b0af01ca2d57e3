#include "coordinator/search/gp_model.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/gp_acquisition.h"
#include "coordinator/search/gp_fit.h"
#include "coordinator/search/minimize_in_box.h"
#include "coordinator/search/normal_distribution.h"
#include "coordinator/search/row_cholesky.h"
#include "gtest/gtest.h"

namespace caviar::search {
namespace {

std::vector<double> RandomPlace(Rng& rng, int dimensions) {
  std::vector<double> place(dimensions);
  for (double& entry : place) entry = rng.Uniform();
  return place;
}

GpData RandomData(Rng& rng, int rows, int dimensions) {
  GpData data;
  for (int i = 0; i < rows; ++i) {
    data.features.push_back(RandomPlace(rng, dimensions));
    data.targets.push_back(std::sin(6 * data.features.back()[0]) + 0.1 * rng.Normal());
  }
  return data;
}

// Diagonally dominant, hence positive definite; row-major, all entries.
std::vector<double> RandomDefinite(Rng& rng, size_t n) {
  std::vector<double> matrix(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) matrix[i * n + j] = matrix[j * n + i] = rng.Normal() / n;
    matrix[i * n + i] = 2;
  }
  return matrix;
}

RowCholesky FactorOf(const std::vector<double>& matrix, size_t n) {
  RowCholesky factor;
  for (size_t i = 0; i < n; ++i) {
    EXPECT_TRUE(factor.Append(std::span<const double>(matrix).subspan(i * n, i + 1)));
  }
  return factor;
}

TEST(RowCholeskyTest, SolvesAndInvertsForEverySize) {
  Rng rng(1);
  for (size_t n = 1; n <= 40; ++n) {
    const std::vector<double> matrix = RandomDefinite(rng, n);
    const RowCholesky factor = FactorOf(matrix, n);
    const std::vector<double> x = RandomPlace(rng, static_cast<int>(n));
    std::vector<double> b(n, 0.0);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) b[i] += matrix[i * n + j] * x[j];
    }
    const std::vector<double> inverse = factor.Inverse();
    for (size_t i = 0; i < n; ++i) {
      double by_inverse = 0;
      for (size_t j = 0; j < n; ++j) {
        by_inverse += inverse[i >= j ? i * n + j : j * n + i] * b[j];
      }
      EXPECT_NEAR(by_inverse, x[i], 1e-12);
    }
    factor.SolveLower(b);
    factor.SolveUpper(b);
    for (size_t i = 0; i < n; ++i) EXPECT_NEAR(b[i], x[i], 1e-12);
  }
}

TEST(RowCholeskyTest, ManyColumnsAtOnceEqualOneAfterTheOther) {
  Rng rng(2);
  constexpr size_t kRows = 23;
  constexpr size_t kColumns = 37;
  const RowCholesky factor = FactorOf(RandomDefinite(rng, kRows), kRows);
  std::vector<double> many(kRows * kColumns);
  for (double& entry : many) entry = rng.Normal();
  const std::vector<double> before = many;
  factor.SolveLower(many, kColumns);
  for (size_t c = 0; c < kColumns; ++c) {
    std::vector<double> one(kRows);
    for (size_t i = 0; i < kRows; ++i) one[i] = before[i * kColumns + c];
    factor.SolveLower(one);
    for (size_t i = 0; i < kRows; ++i) EXPECT_NEAR(many[i * kColumns + c], one[i], 1e-12);
  }
}

TEST(RowCholeskyTest, KnowsADeterminantAndRefusesAnIndefiniteMatrix) {
  RowCholesky factor;
  EXPECT_TRUE(factor.Append(std::vector<double>{4}));
  EXPECT_TRUE(factor.Append(std::vector<double>{2, 3}));
  EXPECT_NEAR(factor.LogDeterminant(), std::log(4 * 3 - 2 * 2), 1e-14);
  EXPECT_FALSE(factor.Append(std::vector<double>{4, 2, 3}));  // the first row plus nothing new
  EXPECT_EQ(factor.rows(), 2u);
}

// Two rows: the inverse of a 2 x 2 matrix by hand.
TEST(GpModelTest, TwoPointsGiveTheClosedForm) {
  const GpParameters parameters{{4.0}, 1.5, 0.1};
  const GpModel model(GpKernel({false}), parameters, {{{0.2}, {0.6}}, {1.0, -0.5}});
  const auto k = [](double a, double b) {
    const double r = std::sqrt(5.0) * 2 * std::abs(a - b);
    return 1.5 * (1 + r + r * r / 3) * std::exp(-r);
  };
  const double diagonal = 1.6;
  const double off = k(0.2, 0.6);
  const double determinant = diagonal * diagonal - off * off;
  const double k1 = k(0.5, 0.2);
  const double k2 = k(0.5, 0.6);
  const double alpha1 = (diagonal * 1.0 - off * -0.5) / determinant;
  const double alpha2 = (diagonal * -0.5 - off * 1.0) / determinant;
  const double explained =
      (diagonal * k1 * k1 - 2 * off * k1 * k2 + diagonal * k2 * k2) / determinant;
  const GpModel::Prediction at = model.At(std::vector<double>{0.5});
  EXPECT_NEAR(at.mean, k1 * alpha1 + k2 * alpha2, 1e-12);
  EXPECT_NEAR(at.deviation, std::sqrt(1.5 - explained), 1e-12);
  EXPECT_NEAR(model.LeastMean(), k(0.6, 0.2) * alpha1 + 1.5 * alpha2, 1e-12);
}

TEST(GpModelTest, ManyPointsAtOnceEqualOneAfterTheOther) {
  Rng rng(3);
  const GpModel model(GpKernel({false, false}), {{3.0, 1.0}, 1.0, 1e-3}, RandomData(rng, 25, 2));
  std::vector<std::vector<double>> points;
  for (int i = 0; i < 40; ++i) points.push_back(RandomPlace(rng, 2));
  const std::vector<GpModel::Prediction> many = model.At(points);
  for (size_t i = 0; i < points.size(); ++i) {
    EXPECT_NEAR(many[i].mean, model.At(points[i]).mean, 1e-12);
    EXPECT_NEAR(many[i].deviation, model.At(points[i]).deviation, 1e-10);
  }
}

TEST(GpModelTest, SlopesEqualCentralDifferences) {
  Rng rng(4);
  const GpModel model(GpKernel({false, true, false}), {{3.0, 0.7, 9.0}, 1.3, 1e-2},
                      RandomData(rng, 20, 3));
  constexpr double kStep = 1e-5;
  for (int i = 0; i < 20; ++i) {
    std::vector<double> x = RandomPlace(rng, 3);
    GpModel::Slope slope;
    model.At(x, &slope);
    for (const size_t j : {0, 2}) {
      std::vector<double> above = x;
      std::vector<double> below = x;
      above[j] += kStep;
      below[j] -= kStep;
      const GpModel::Prediction high = model.At(above);
      const GpModel::Prediction low = model.At(below);
      EXPECT_NEAR(slope.mean[j], (high.mean - low.mean) / (2 * kStep), 1e-6);
      EXPECT_NEAR(slope.deviation[j], (high.deviation - low.deviation) / (2 * kStep), 1e-6);
    }
    EXPECT_EQ(slope.mean[1], 0);  // has no order
  }
}

TEST(GpModelTest, BelievingInARunningTrialKeepsMeansAndTakesDoubt) {
  Rng rng(5);
  GpModel model(GpKernel({false, false}), {{3.0, 1.0}, 1.0, 1e-4}, RandomData(rng, 10, 2));
  const std::vector<double> running = {0.3, 0.9};
  const std::vector<double> elsewhere = {0.4, 0.8};
  const GpModel::Prediction before = model.At(elsewhere);
  const double doubt = model.At(running).deviation;
  model.Believe(running);
  EXPECT_NEAR(model.At(elsewhere).mean, before.mean, 1e-8);
  EXPECT_LT(model.At(elsewhere).deviation, before.deviation);
  EXPECT_LT(model.At(running).deviation, doubt / 5);  // what is left is the noise, 0.01
}

TEST(GpModelTest, TheSamePointManyTimesDoesNoHarm) {
  GpData data;
  for (int i = 0; i < 50; ++i) {
    data.features.push_back({0.5});
    data.targets.push_back(i % 2 == 0 ? 1 : -1);
  }
  const GpModel model(GpKernel({false}), {{1.0}, 1.0, 1e-4}, data);
  EXPECT_NEAR(model.At(std::vector<double>{0.5}).mean, 0, 1e-3);
  EXPECT_TRUE(std::isfinite(model.At(std::vector<double>{0.7}).deviation));
}

TEST(GpFitTest, GradientOfThePosteriorEqualsCentralDifferences) {
  Rng rng(6);
  const GpData data = RandomData(rng, 18, 3);
  const GpKernel kernel({false, false, true});
  const std::vector<double> logs = {0.3, -1.0, 0.5, 0.2, -3.0};
  std::vector<double> gradient(logs.size());
  NegativeLogPosterior(kernel, data, logs, gradient);
  constexpr double kStep = 1e-5;
  for (size_t c = 0; c < logs.size(); ++c) {
    std::vector<double> unused(logs.size());
    std::vector<double> above = logs;
    std::vector<double> below = logs;
    above[c] += kStep;
    below[c] -= kStep;
    const double difference = (NegativeLogPosterior(kernel, data, above, unused) -
                               NegativeLogPosterior(kernel, data, below, unused)) /
                              (2 * kStep);
    EXPECT_NEAR(gradient[c], difference, 1e-5 * (1 + std::abs(difference))) << c;
  }
}

TEST(GpFitTest, FindsWhichParameterMattersAndHowNoisyItIs) {
  Rng rng(7);
  GpData data;
  for (int i = 0; i < 60; ++i) {
    data.features.push_back(RandomPlace(rng, 2));
    data.targets.push_back(1.4 * std::sin(7 * data.features.back()[1]) + 0.3 * rng.Normal());
  }
  const GpParameters fit = FitGp(GpKernel({false, false}), data);
  EXPECT_GT(fit.weights[1], 10 * fit.weights[0]);
  EXPECT_GT(fit.noise, 0.04);
  EXPECT_LT(fit.noise, 0.2);
}

// E[max(z + u, 0)] for a standard normal u, by Simpson's rule.
double ImprovementByIntegration(double z) {
  constexpr int kSteps = 20000;
  const double low = -z;
  const double high = std::max(low, 0.0) + 12;
  const double step = (high - low) / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double u = low + i * step;
    const double weight = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * (z + u) * std::exp(-0.5 * u * u) / std::sqrt(2 * std::numbers::pi);
  }
  return sum * step / 3;
}

TEST(GpAcquisitionTest, LogImprovementEqualsNumericalIntegration) {
  for (const double z : {-6.0, -4.0, -3.01, -2.99, -1.0, -0.2, 0.0, 0.5, 3.0}) {
    EXPECT_NEAR(LogImprovement(z), std::log(ImprovementByIntegration(z)), 1e-7) << z;
  }
}

// For large x, h(-x) = density(x) / x^2 * (1 - 3/x^2 + 15/x^4 - …).
TEST(GpAcquisitionTest, LogImprovementFollowsItsSeriesFarOut) {
  for (const double x : {30.0, 100.0, 1e4, 1e6}) {
    const double series =
        LogNormalDensity(x) - 2 * std::log(x) + std::log1p(-3 / (x * x) + 15 / std::pow(x, 4));
    EXPECT_NEAR(LogImprovement(-x), series, 1e-12 * std::abs(series) + 1e-6) << x;
  }
}

TEST(GpAcquisitionTest, SlopesEqualCentralDifferences) {
  constexpr double kStep = 1e-6;
  for (const auto kind :
       {GpAcquisition::Kind::kLogEi, GpAcquisition::Kind::kUcb, GpAcquisition::Kind::kExplore}) {
    const GpAcquisition acquisition{kind, -0.4};
    for (const double mean : {-1.0, 0.3, 2.0}) {
      for (const double deviation : {0.1, 0.5}) {
        const GpAcquisition::Value at = acquisition.At({mean, deviation});
        const auto value = [&](double m, double s) { return acquisition.At({m, s}).value; };
        EXPECT_NEAR(at.by_mean,
                    (value(mean + kStep, deviation) - value(mean - kStep, deviation)) / (2 * kStep),
                    1e-4 * (1 + std::abs(at.by_mean)));
        EXPECT_NEAR(at.by_deviation,
                    (value(mean, deviation + kStep) - value(mean, deviation - kStep)) / (2 * kStep),
                    1e-4 * (1 + std::abs(at.by_deviation)));
      }
    }
  }
}

TEST(MinimizeInBoxTest, FindsTheFloorOfRosenbrocksValleyAndTheWallOfABox) {
  const auto rosenbrock = [](std::span<const double> x, std::span<double> gradient) {
    const double a = 1 - x[0];
    const double b = x[1] - x[0] * x[0];
    gradient[0] = -2 * a - 400 * b * x[0];
    gradient[1] = 200 * b;
    return a * a + 100 * b * b;
  };
  const Minimum free = MinimizeInBox(rosenbrock, {-1.2, 1}, {{-5, -5}, {5, 5}}, 500);
  EXPECT_NEAR(free.x[0], 1, 1e-3);
  EXPECT_NEAR(free.x[1], 1, 1e-3);
  const Minimum walled = MinimizeInBox(rosenbrock, {-1.2, 1}, {{-2, -2}, {0.5, 2}}, 500);
  EXPECT_NEAR(walled.x[0], 0.5, 1e-4);
  EXPECT_NEAR(walled.x[1], 0.25, 1e-3);
  EXPECT_NEAR(walled.value, 0.25, 1e-5);
}

// A tenth of each range, in units of that tenth, is what a whole range is by itself.
TEST(GpFitTest, LengthScalesGoBySpans) {
  Rng rng(12);
  const GpData whole = RandomData(rng, 25, 2);
  GpData tenth = whole;
  tenth.spans = {0.1, 0.1};
  for (std::vector<double>& features : tenth.features) {
    for (double& feature : features) feature = 0.4 + 0.1 * feature;
  }
  const GpKernel kernel({false, false});
  const GpParameters of_whole = FitGp(kernel, whole);
  const GpParameters of_tenth = FitGp(kernel, tenth);
  for (size_t c = 0; c < 2; ++c) {
    EXPECT_NEAR(std::log(of_tenth.weights[c] / (100 * of_whole.weights[c])), 0, 1e-3);
  }
  EXPECT_NEAR(std::log(of_tenth.noise / of_whole.noise), 0, 1e-3);
}

}  // namespace
}  // namespace caviar::search
