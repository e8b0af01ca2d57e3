#include "coordinator/search/parzen_estimator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/status/check.h"
#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

constexpr double kKernelBandwidthMin = 0.01;
// Variance that the prior adds to a group's.
constexpr double kPriorVariance = 0.25 * 0.25;

constexpr double kInactive = std::numeric_limits<double>::quiet_NaN();

// Of the rows that have the axis.
struct Moments {
  size_t rows = 0;  // of the group
  size_t gaps = 0;  // rows without it, in the group or not
  double weight = 0;
  double first = 0;   // weighted sum of u - 1/2
  double second = 0;  // of its square

  double variance() const {
    const double mean = first / weight;
    return std::max(0.0, second / weight - mean * mean);
  }
};

Moments MomentsWithGaps(std::span<const double> column, const TrialGroup& group) {
  Moments moments;
  for (size_t k = 0; k < column.size(); ++k) {
    const double u = column[k] - 0.5;
    if (std::isnan(u)) {
      ++moments.gaps;
    } else if (group.weights[k] > 0) {
      ++moments.rows;
      moments.weight += group.weights[k];
      moments.first += group.weights[k] * u;
      moments.second += group.weights[k] * u * u;
    }
  }
  return moments;
}

Moments MomentsOf(std::span<const double> column, const TrialGroup& group, double weight) {
  // Several sums at once, because each addition waits for the one before.
  constexpr size_t kLanes = 4;
  std::array<double, kLanes> first{};
  std::array<double, kLanes> second{};
  size_t k = 0;
  for (; k + kLanes <= column.size(); k += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double u = column[k + lane] - 0.5;
      const double weighted = group.weights[k + lane] * u;
      first[lane] += weighted;
      second[lane] += weighted * u;
    }
  }
  for (; k < column.size(); ++k) {
    const double u = column[k] - 0.5;
    first[0] += group.weights[k] * u;
    second[0] += group.weights[k] * u * u;
  }
  Moments moments{.rows = group.rows, .weight = weight};
  moments.first = std::accumulate(first.begin(), first.end(), 0.0);
  moments.second = std::accumulate(second.begin(), second.end(), 0.0);
  return std::isnan(moments.first) ? MomentsWithGaps(column, group) : moments;
}

}  // namespace

ParzenEstimator::ParzenEstimator(const Axes& axes, const TrialGroup& group, double prior_weight)
    : axes_(axes), group_(group), prior_weight_(prior_weight) {
  CAVIAR_CHECK(prior_weight > 0) << prior_weight;
  CAVIAR_CHECK(static_cast<int>(group.columns.size()) == axes.size());
  total_weight_ = std::accumulate(group.weights.begin(), group.weights.end(), prior_weight);
  for (int i = 0; i < axes.size(); ++i) fits_.push_back(FitOf(i));
}

ParzenEstimator::Fit ParzenEstimator::FitOf(int axis) const {
  Fit fit;
  const Moments moments = MomentsOf(group_.columns[axis], group_, total_weight_ - prior_weight_);
  fit.has_gaps = !axes_[axis].conditions.empty() || moments.gaps > 0;
  if (axes_[axis].kind == Axis::Kind::kChoice) {
    const double share = prior_weight_ / (group_.rows + 1);
    const double sum = 1 + share * axes_[axis].cells();
    fit.own = (1 + share) / sum;
    fit.other = share / sum;
  } else if (moments.rows > 0) {
    const double rows = static_cast<double>(moments.rows);
    const double variance =
        (rows * moments.variance() + prior_weight_ * kPriorVariance) / (rows + prior_weight_);
    const double narrowing = std::pow(rows, -1.0 / (axes_.size() + 4));
    fit.bandwidth = std::clamp(std::sqrt(variance) * narrowing, kKernelBandwidthMin, 1.0);
  }
  return fit;
}

void ParzenEstimator::Draw(Rng& rng, std::span<double> place) const {
  double left = rng.Uniform() * total_weight_;
  size_t kernel = 0;
  while (kernel < group_.weights.size() && left >= group_.weights[kernel]) {
    left -= group_.weights[kernel++];
  }
  for (const int axis : axes_.topological_order()) {
    place[axis] = axes_.IsActive(axis, place) ? DrawAxis(axis, kernel, rng) : kInactive;
  }
}

// `kernel` is a row of the group, or their number for the prior.
double ParzenEstimator::DrawAxis(int axis, size_t kernel, Rng& rng) const {
  const std::span<const double> column = group_.columns[axis];
  const double mean = kernel < column.size() ? column[kernel] : kInactive;
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
