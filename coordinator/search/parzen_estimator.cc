#include "coordinator/search/parzen_estimator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/status/check.h"
#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

constexpr double kBandwidthMin = 0.01;
// Variance that the prior adds to a group's.
constexpr double kPriorVariance = 0.25 * 0.25;

constexpr double kInactive = std::numeric_limits<double>::quiet_NaN();

// Of the rows that have the axis.
struct Moments {
  size_t rows = 0;
  double weight = 0;
  double first = 0;   // weighted sum of u - 1/2
  double second = 0;  // of its square

  double variance() const {
    const double mean = first / weight;
    return std::max(0.0, second / weight - mean * mean);
  }
};

Moments MomentsOf(std::span<const double> column, const TrialGroup& group) {
  Moments moments;
  for (size_t k = 0; k < group.rows.size(); ++k) {
    const double u = column[group.rows[k]] - 0.5;
    if (std::isnan(u)) continue;
    const double weighted = group.weights[k] * u;
    ++moments.rows;
    moments.weight += group.weights[k];
    moments.first += weighted;
    moments.second += weighted * u;
  }
  return moments;
}

}  // namespace

ParzenEstimator::ParzenEstimator(const Axes& axes, const Observations& observations,
                                 const TrialGroup& group, double prior_weight)
    : axes_(axes), observations_(observations), group_(group), prior_weight_(prior_weight) {
  CAVIAR_CHECK(prior_weight > 0) << prior_weight;
  CAVIAR_CHECK(group.rows.size() == group.weights.size());
  total_weight_ = std::accumulate(group.weights.begin(), group.weights.end(), prior_weight);
  for (int i = 0; i < axes.size(); ++i) fits_.push_back(FitOf(i));
}

ParzenEstimator::Fit ParzenEstimator::FitOf(int axis) const {
  Fit fit;
  const Moments moments = MomentsOf(observations_.column(axis), group_);
  fit.has_gaps = !axes_[axis].conditions.empty() || moments.rows < group_.rows.size();
  if (axes_[axis].kind == Axis::Kind::kChoice) {
    const double share = prior_weight_ / (group_.rows.size() + 1);
    const double sum = 1 + share * axes_[axis].cells();
    fit.own = (1 + share) / sum;
    fit.other = share / sum;
  } else if (moments.rows > 0) {
    const double rows = static_cast<double>(moments.rows);
    const double variance =
        (rows * moments.variance() + prior_weight_ * kPriorVariance) / (rows + prior_weight_);
    const double narrowing = std::pow(rows, -1.0 / (axes_.size() + 4));
    fit.bandwidth = std::clamp(std::sqrt(variance) * narrowing, kBandwidthMin, 1.0);
  }
  return fit;
}

void ParzenEstimator::Draw(Rng& rng, std::span<double> place) const {
  double left = rng.Uniform() * total_weight_;
  size_t kernel = 0;
  while (kernel < group_.rows.size() && left >= group_.weights[kernel]) {
    left -= group_.weights[kernel++];
  }
  for (const int axis : axes_.topological_order()) {
    place[axis] = axes_.IsActive(axis, place) ? DrawAxis(axis, kernel, rng) : kInactive;
  }
}

// `kernel` is an index into the group, or its size for the prior.
double ParzenEstimator::DrawAxis(int axis, size_t kernel, Rng& rng) const {
  const double mean =
      kernel < group_.rows.size() ? observations_.column(axis)[group_.rows[kernel]] : kInactive;
  const bool is_prior = std::isnan(mean);
  const Axis& shape = axes_[axis];
  const double p = rng.Uniform();
  if (shape.kind == Axis::Kind::kChoice) {
    const int cells = shape.cells();
    if (is_prior) return shape.CellMiddle(std::min(static_cast<int>(p * cells), cells - 1));
    const double surplus = fits_[axis].own - fits_[axis].other;
    if (p < surplus) return shape.CellMiddle(shape.CellAt(mean));
    const int cell = static_cast<int>((p - surplus) / fits_[axis].other);
    return shape.CellMiddle(std::min(cell, cells - 1));
  }
  const double u = is_prior ? CutNormalQuantile(p, kPriorMean, kPriorDeviation)
                            : CutNormalQuantile(p, mean, fits_[axis].bandwidth);
  return shape.kind == Axis::Kind::kContinuous ? u : shape.CellMiddle(shape.CellAt(u));
}

double ParzenEstimator::LogCell(int axis, int cell, int row_cell) const {
  const Axis& shape = axes_[axis];
  const bool is_prior = row_cell == shape.cells();
  if (shape.kind == Axis::Kind::kChoice) {
    if (is_prior) return -std::log(shape.cells());
    return std::log(cell == row_cell ? fits_[axis].own : fits_[axis].other);
  }
  const double mean = is_prior ? kPriorMean : shape.CellMiddle(row_cell);
  const double deviation = is_prior ? kPriorDeviation : fits_[axis].bandwidth;
  const auto z = [&](double u) { return (u - mean) / deviation; };
  const double mass = NormalMass(z(shape.edges[cell]), z(shape.edges[cell + 1]));
  return std::log(mass / NormalMass(z(0), z(1)));
}

}  // namespace caviar::search
