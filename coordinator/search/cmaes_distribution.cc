#include "coordinator/search/cmaes_distribution.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/search/cma_margin.h"
#include "coordinator/search/symmetric_eigen.h"

namespace caviar::search {
namespace {

// Draws that leave the cube, before one is moved to its face.
constexpr int kCubeRedrawsMax = 30;
// A ten-thousandth of a range is less than the noise of training.
constexpr double kConvergedDeviation = 1e-4;
constexpr double kConditionMax = 1e14;
// Of a warm start: the share of trials it trusts, and the standard deviation it adds to theirs.
constexpr double kPriorShare = 0.1;
constexpr double kPriorSpread = 0.1;

std::optional<CmaEs> NormalAround(std::vector<double> mean, double sigma) {
  if (mean.empty()) return std::nullopt;
  return CmaEs(std::move(mean), sigma);
}

double PlaceOr(double place, double fallback) { return std::isnan(place) ? fallback : place; }

// Shares no smaller than `floor`, with sum 1. Requires: floor * size <= 1.
void RaiseTo(double floor, std::vector<double>& shares) {
  double above = 0;
  for (const double share : shares) above += std::max(share - floor, 0.0);
  const double left = 1 - floor * static_cast<double>(shares.size());
  for (double& share : shares) {
    share = floor + (above > 0 ? left * std::max(share - floor, 0.0) / above : 0);
  }
}

int ValueAt(double place, int values) {
  return std::min(static_cast<int>(place * values), values - 1);
}

}  // namespace

CmaesDistribution::CmaesDistribution(const CmaesAxes& axes, std::optional<CmaEs> normal)
    : axes_(&axes), normal_(std::move(normal)) {
  for (const CmaesChoice& choice : axes.choices) {
    shares_.emplace_back(choice.values, 1.0 / choice.values);
  }
}

CmaesDistribution::CmaesDistribution(const CmaesAxes& axes, std::vector<double> mean, double sigma)
    : CmaesDistribution(axes, NormalAround(std::move(mean), sigma)) {}

CmaesDistribution CmaesDistribution::AroundPriors(const CmaesAxes& axes,
                                                  const Observations& observations) {
  std::vector<size_t> best;
  for (const Observations::Ranked& ranked : observations.ranking()) {
    const bool has_loss = ranked.outcome != Observations::Outcome::kInfeasible;
    if (has_loss && ranked.row < observations.priors()) best.push_back(ranked.row);
  }
  CAVIAR_CHECK(!best.empty());
  best.resize(static_cast<size_t>(std::ceil(kPriorShare * static_cast<double>(best.size()))));

  const size_t n = axes.numeric.size();
  const auto place = [&](size_t row, size_t i) {
    return PlaceOr(observations.column(axes.numeric[i].parameter)[row], 0.5);
  };
  std::vector<double> mean(n, 0.0);
  for (const size_t row : best) {
    for (size_t i = 0; i < n; ++i) mean[i] += place(row, i) / static_cast<double>(best.size());
  }
  std::vector<double> covariance(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    covariance[i * n + i] = kPriorSpread * kPriorSpread;
    for (size_t j = 0; j < n; ++j) {
      for (const size_t row : best) {
        covariance[i * n + j] += (place(row, i) - mean[i]) * (place(row, j) - mean[j]) /
                                 static_cast<double>(best.size());
      }
    }
  }
  // sigma^2n is the determinant, so that the covariance of CmaEs has determinant 1.
  double log_determinant = 0;
  for (const double value : EigenOf(covariance).values) log_determinant += std::log(value);
  const double sigma = n == 0 ? 1 : std::exp(log_determinant / (2 * static_cast<double>(n)));
  for (double& entry : covariance) entry /= sigma * sigma;

  std::optional<CmaEs> normal;
  if (n > 0) normal.emplace(std::move(mean), sigma, std::move(covariance));
  CmaesDistribution distribution(axes, std::move(normal));
  for (size_t c = 0; c < axes.choices.size(); ++c) {
    std::vector<double>& shares = distribution.shares_[c];
    for (const size_t row : best) {
      const double at = observations.column(axes.choices[c].parameter)[row];
      if (!std::isnan(at)) shares[ValueAt(at, axes.choices[c].values)] += 1;
    }
    RaiseTo(0, shares);
  }
  return distribution;
}

std::vector<double> CmaesDistribution::Draw(const Space& space, uint64_t seed) const {
  std::vector<double> unit(space.size(), 0.5);
  if (normal_.has_value()) {
    const std::vector<double> numbers = DrawNumbers(seed);
    for (size_t i = 0; i < numbers.size(); ++i) unit[axes_->numeric[i].parameter] = numbers[i];
  }
  for (size_t c = 0; c < shares_.size(); ++c) {
    const int parameter = axes_->choices[c].parameter;
    double rest = Rng(DeriveSeed(seed, space.parameter(parameter).name())).Uniform();
    int value = 0;
    while (value + 1 < axes_->choices[c].values && rest >= shares_[c][value]) {
      rest -= shares_[c][value++];
    }
    unit[parameter] = (value + 0.5) / axes_->choices[c].values;
  }
  return unit;
}

std::vector<double> CmaesDistribution::DrawNumbers(uint64_t seed) const {
  Rng rng(seed);
  std::vector<double> z(normal_->dimensions());
  std::vector<double> x;
  for (int redraw = 0; redraw <= kCubeRedrawsMax; ++redraw) {
    for (double& entry : z) entry = rng.Normal();
    x = normal_->At(z);
    if (std::all_of(x.begin(), x.end(), [](double at) { return at >= 0 && at <= 1; })) return x;
  }
  for (double& entry : x) entry = std::clamp(entry, 0.0, 1.0);
  return x;
}

void CmaesDistribution::Learn(const Observations& observations, std::span<const size_t> ranked,
                              std::span<const uint64_t> seeds, int population) {
  const CmaRates rates(std::max(1, static_cast<int>(axes_->numeric.size())),
                       static_cast<int>(ranked.size()));
  if (normal_.has_value()) LearnNumbers(observations, ranked, seeds, rates, population);
  LearnShares(observations, ranked, rates, population);
}

void CmaesDistribution::LearnNumbers(const Observations& observations,
                                     std::span<const size_t> ranked,
                                     std::span<const uint64_t> seeds, const CmaRates& rates,
                                     int population) {
  const std::vector<CmaesAxis>& axes = axes_->numeric;
  std::vector<std::vector<double>> samples;
  for (size_t k = 0; k < ranked.size(); ++k) {
    // What was drawn before it was rounded: from the same seed it comes out again, unless trials
    // that ended late have changed the distribution; then the nearest place of the same value.
    std::vector<double> drawn;
    std::vector<double>& sample = samples.emplace_back(axes.size());
    for (size_t i = 0; i < axes.size(); ++i) {
      const double place = observations.column(axes[i].parameter)[ranked[k]];
      if (!std::isnan(place) && axes[i].thresholds.empty()) {
        sample[i] = place;
        continue;
      }
      if (drawn.empty()) drawn = DrawNumbers(seeds[k]);
      sample[i] = std::isnan(place) ? drawn[i] : axes[i].Nearest(drawn[i], place);
    }
  }
  normal_->Update(samples, rates);
  const double margin = 1.0 / (static_cast<double>(axes.size()) * population);
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].thresholds.empty()) continue;
    KeepMargin(*normal_, static_cast<int>(i), axes[i].thresholds, margin);
  }
}

void CmaesDistribution::LearnShares(const Observations& observations,
                                    std::span<const size_t> ranked, const CmaRates& rates,
                                    int population) {
  for (size_t c = 0; c < shares_.size(); ++c) {
    const CmaesChoice& choice = axes_->choices[c];
    std::vector<double>& shares = shares_[c];
    // As many parents as there are values count for as much as all that was learnt before.
    const double rate = rates.effective_parents / (rates.effective_parents + choice.values);
    std::vector<double> gradient(shares.size(), 0.0);
    for (int k = 0; k < rates.parents; ++k) {
      const double place = observations.column(choice.parameter)[ranked[k]];
      if (std::isnan(place)) continue;
      gradient[ValueAt(place, choice.values)] += rates.weights[k];
      for (size_t v = 0; v < shares.size(); ++v) gradient[v] -= rates.weights[k] * shares[v];
    }
    for (size_t v = 0; v < shares.size(); ++v) shares[v] += rate * gradient[v];
    RaiseTo(1.0 / (static_cast<double>(population) * choice.values), shares);
  }
}

bool CmaesDistribution::HasConverged() const {
  if (!normal_.has_value()) return false;
  if (normal_->ConditionNumber() > kConditionMax) return true;
  bool has_range = false;
  for (size_t i = 0; i < axes_->numeric.size(); ++i) {
    if (!axes_->numeric[i].thresholds.empty()) continue;
    has_range = true;
    if (normal_->StandardDeviation(static_cast<int>(i)) > kConvergedDeviation) return false;
  }
  return has_range;
}

}  // namespace caviar::search
