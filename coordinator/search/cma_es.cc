#include "coordinator/search/cma_es.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/check.h"
#include "coordinator/search/symmetric_eigen.h"

namespace caviar::search {
namespace {

constexpr double kCovarianceRate = 2;  // alpha_cov
// An eigenvalue that rounding left at or below zero.
constexpr double kEigenvalueMin = 1e-20;
// Below it a negative weight would be scaled without bound.
constexpr double kSquaredNormMin = 1e-8;
// Bounds of sigma: beyond them there is nothing to learn in a unit cube.
constexpr double kSigmaMin = 1e-12;
constexpr double kSigmaMax = 1;

std::vector<double> Identity(size_t n) {
  std::vector<double> identity(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) identity[i * n + i] = 1;
  return identity;
}

double Norm(std::span<const double> v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

// E ||N(0, I)||.
double ExpectedNorm(double n) { return std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)); }

double EffectiveCount(std::span<const double> weights) {
  double sum = 0;
  double squares = 0;
  for (const double weight : weights) {
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

}  // namespace

int DefaultCmaPopulation(int dimensions) {
  return 4 + static_cast<int>(std::floor(3 * std::log(std::max(dimensions, 1))));
}

CmaRates::CmaRates(int dimensions, int population) : weights(population), parents(population / 2) {
  CAVIAR_CHECK(dimensions > 0 && population >= 2) << dimensions << ", " << population;
  const double n = dimensions;
  for (int i = 0; i < population; ++i) {
    weights[i] = std::log((population + 1) / 2.0) - std::log(i + 1.0);
  }
  const std::span<double> all(weights);
  const double mu = EffectiveCount(all.first(parents));
  const double mu_negative = EffectiveCount(all.subspan(parents));
  effective_parents = mu;
  path_sigma = (mu + 2) / (n + mu + 5);
  damping = 1 + 2 * std::max(0.0, std::sqrt((mu - 1) / (n + 1)) - 1) + path_sigma;
  path_covariance = (4 + mu / n) / (n + 4 + 2 * mu / n);
  rank_one = kCovarianceRate / ((n + 1.3) * (n + 1.3) + mu);
  rank_mu = std::min(1 - rank_one, kCovarianceRate * (mu - 2 + 1 / mu) /
                                       ((n + 2) * (n + 2) + kCovarianceRate * mu / 2));

  double positive = 0;
  double negative = 0;
  for (const double weight : weights) (weight > 0 ? positive : negative) += std::abs(weight);
  // With a population of two or three mu_eff is near 1 and rank_mu may be 0: nothing to balance.
  double negative_sum = 0;
  if (rank_mu > 0) {
    negative_sum = std::min({1 + rank_one / rank_mu, 1 + 2 * mu_negative / (mu + 2),
                             (1 - rank_one - rank_mu) / (n * rank_mu)});
  }
  for (double& weight : weights) weight *= weight > 0 ? 1 / positive : negative_sum / negative;
}

CmaEs::CmaEs(std::vector<double> mean, double sigma) : CmaEs(mean, sigma, Identity(mean.size())) {}

CmaEs::CmaEs(std::vector<double> mean, double sigma, std::vector<double> covariance)
    : mean_(std::move(mean)),
      sigma_(sigma),
      covariance_(std::move(covariance)),
      axis_factor_(mean_.size(), 1.0),
      sigma_path_(mean_.size(), 0.0),
      covariance_path_(mean_.size(), 0.0) {
  CAVIAR_CHECK(!mean_.empty() && sigma > 0 && covariance_.size() == mean_.size() * mean_.size());
  Decompose();
}

void CmaEs::Update(const std::vector<std::vector<double>>& ranked, const CmaRates& rates) {
  CAVIAR_CHECK(ranked.size() == rates.weights.size()) << ranked.size() << " samples";
  const int n = dimensions();
  const std::vector<Step> steps = StepsOf(ranked);
  std::vector<double> mean_step(n, 0.0);  // <y>_w
  for (int k = 0; k < rates.parents; ++k) {
    for (int i = 0; i < n; ++i) mean_step[i] += rates.weights[k] * steps[k].y[i];
  }
  ++generation_;
  const bool is_long = MovePaths(mean_step, rates);
  LearnCovariance(steps, is_long, rates);

  for (int i = 0; i < n; ++i) mean_[i] += sigma_ * axis_factor_[i] * mean_step[i];
  const double stretch = Norm(sigma_path_) / ExpectedNorm(n) - 1;
  sigma_ = std::clamp(sigma_ * std::exp(rates.path_sigma / rates.damping * stretch), kSigmaMin,
                      kSigmaMax);
  Decompose();
}

std::vector<CmaEs::Step> CmaEs::StepsOf(const std::vector<std::vector<double>>& samples) const {
  const int n = dimensions();
  const double norm_max = std::sqrt(n) + 2.0 * n / (n + 2.0);
  std::vector<Step> steps;
  for (const std::vector<double>& x : samples) {
    Step& step = steps.emplace_back();
    for (int i = 0; i < n; ++i) {
      step.y.push_back((x[i] - mean_[i]) / (sigma_ * axis_factor_[i]));
    }
    step.norm = Norm(InverseRoot(step.y));
    if (step.norm <= norm_max) continue;
    for (double& entry : step.y) entry *= norm_max / step.norm;
    step.norm = norm_max;
  }
  return steps;
}

bool CmaEs::MovePaths(const std::vector<double>& mean_step, const CmaRates& rates) {
  const int n = dimensions();
  const double keep = 1 - rates.path_sigma;
  const double add = std::sqrt(rates.path_sigma * (2 - rates.path_sigma) * rates.effective_parents);
  const std::vector<double> whitened = InverseRoot(mean_step);
  for (int i = 0; i < n; ++i) sigma_path_[i] = keep * sigma_path_[i] + add * whitened[i];

  const double start_up = std::sqrt(1 - std::pow(keep, 2.0 * generation_));
  const bool is_long = Norm(sigma_path_) / start_up >= (1.4 + 2 / (n + 1.0)) * ExpectedNorm(n);
  const double rate = rates.path_covariance;
  const double add_covariance =
      is_long ? 0 : std::sqrt(rate * (2 - rate) * rates.effective_parents);
  for (int i = 0; i < n; ++i) {
    covariance_path_[i] = (1 - rate) * covariance_path_[i] + add_covariance * mean_step[i];
  }
  return is_long;
}

void CmaEs::LearnCovariance(const std::vector<Step>& steps, bool is_long, const CmaRates& rates) {
  const int n = dimensions();
  double keep = 1 - rates.rank_one;
  for (const double weight : rates.weights) keep -= rates.rank_mu * weight;
  if (is_long) keep += rates.rank_one * rates.path_covariance * (2 - rates.path_covariance);
  for (double& entry : covariance_) entry *= keep;
  const auto add = [this, n](double weight, const std::vector<double>& y) {
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) covariance_[i * n + j] += weight * y[i] * y[j];
    }
  };
  add(rates.rank_one, covariance_path_);
  for (size_t k = 0; k < steps.size(); ++k) {
    double weight = rates.rank_mu * rates.weights[k];
    if (weight < 0) weight *= n / std::max(steps[k].norm * steps[k].norm, kSquaredNormMin);
    add(weight, steps[k].y);
  }
}

std::vector<double> CmaEs::At(std::span<const double> z) const {
  const int n = dimensions();
  std::vector<double> x = mean_;
  for (int i = 0; i < n; ++i) {
    double step = 0;
    for (int k = 0; k < n; ++k) step += basis_[i * n + k] * lengths_[k] * z[k];
    x[i] += sigma_ * axis_factor_[i] * step;
  }
  return x;
}

double CmaEs::StandardDeviation(int i) const {
  return sigma_ * axis_factor_[i] * std::sqrt(covariance_[i * dimensions() + i]);
}

double CmaEs::ConditionNumber() const {
  const auto [least, most] = std::minmax_element(lengths_.begin(), lengths_.end());
  return (*most / *least) * (*most / *least);
}

void CmaEs::SetMarginal(int i, double mean, double standard_deviation) {
  mean_[i] = mean;
  axis_factor_[i] = standard_deviation / (sigma_ * std::sqrt(covariance_[i * dimensions() + i]));
}

std::vector<double> CmaEs::InverseRoot(std::span<const double> v) const {
  const int n = dimensions();
  std::vector<double> turned(n, 0.0);
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) turned[k] += basis_[i * n + k] * v[i];
  }
  std::vector<double> root(n, 0.0);
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) root[i] += basis_[i * n + k] * turned[k] / lengths_[k];
  }
  return root;
}

void CmaEs::Decompose() {
  SymmetricEigen eigen = EigenOf(covariance_, basis_);
  basis_ = std::move(eigen.vectors);
  lengths_.resize(eigen.values.size());
  for (size_t k = 0; k < lengths_.size(); ++k) {
    lengths_[k] = std::sqrt(std::max(eigen.values[k], kEigenvalueMin));
  }
}

}  // namespace caviar::search
