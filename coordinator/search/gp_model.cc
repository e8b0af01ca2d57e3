#include "coordinator/search/gp_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace caviar::search {
namespace {

// Of the signal's variance: what rounding may leave of it at a point that was measured.
constexpr double kVarianceMin = 1e-12;

}  // namespace

GpModel::GpModel(GpKernel kernel, GpParameters parameters, GpData data)
    : kernel_(std::move(kernel)), parameters_(std::move(parameters)) {
  for (size_t i = 0; i < data.targets.size(); ++i) Add(data.features[i], data.targets[i]);
  Solve();
}

// A row that is, to rounding, a combination of those before says nothing new and is left out.
void GpModel::Add(const std::vector<double>& features, double target) {
  std::vector<double> row = CovarianceWith(features);
  row.push_back(parameters_.signal + parameters_.noise);
  if (!factor_.Append(row)) return;
  data_.features.push_back(features);
  data_.targets.push_back(target);
}

void GpModel::Solve() {
  alpha_ = data_.targets;
  factor_.SolveLower(alpha_);
  factor_.SolveUpper(alpha_);
}

void GpModel::Believe(const std::vector<double>& features) {
  Add(features, At(features).mean);
  Solve();
}

std::vector<double> GpModel::CovarianceWith(std::span<const double> features) const {
  std::vector<double> covariance;
  covariance.reserve(data_.features.size() + 1);
  for (const std::vector<double>& other : data_.features) {
    covariance.push_back(parameters_.signal * GpKernel::Correlation(kernel_.SquaredRadius(
                                                  parameters_, features, other)));
  }
  return covariance;
}

double GpModel::DeviationOf(double explained) const {
  return std::sqrt(std::max(parameters_.signal - explained, kVarianceMin * parameters_.signal));
}

GpModel::Prediction GpModel::At(std::span<const double> features, Slope* slope) const {
  const std::vector<double> covariance = CovarianceWith(features);
  std::vector<double> solved = covariance;
  factor_.SolveLower(solved);
  Prediction prediction;
  double explained = 0;
  for (size_t i = 0; i < covariance.size(); ++i) {
    prediction.mean += covariance[i] * alpha_[i];
    explained += solved[i] * solved[i];
  }
  prediction.deviation = DeviationOf(explained);
  if (slope == nullptr) return prediction;

  factor_.SolveUpper(solved);  // K^-1 k
  slope->mean.assign(features.size(), 0.0);
  slope->deviation.assign(features.size(), 0.0);
  for (size_t i = 0; i < covariance.size(); ++i) {
    const std::vector<double>& other = data_.features[i];
    const double by_radius = parameters_.signal * GpKernel::CorrelationSlope(kernel_.SquaredRadius(
                                                      parameters_, features, other));
    kernel_.AddGradient(parameters_, features, other, by_radius * alpha_[i], slope->mean);
    kernel_.AddGradient(parameters_, features, other, -by_radius * solved[i] / prediction.deviation,
                        slope->deviation);
  }
  return prediction;
}

std::vector<GpModel::Prediction> GpModel::At(const std::vector<std::vector<double>>& points) const {
  const size_t n = rows();
  const size_t columns = points.size();
  std::vector<Prediction> predictions(columns);
  std::vector<double> solved(n * columns);
  for (size_t c = 0; c < columns; ++c) {
    const std::vector<double> covariance = CovarianceWith(points[c]);
    for (size_t i = 0; i < n; ++i) {
      predictions[c].mean += covariance[i] * alpha_[i];
      solved[i * columns + c] = covariance[i];
    }
  }
  factor_.SolveLower(solved, columns);
  for (size_t c = 0; c < columns; ++c) {
    double explained = 0;
    for (size_t i = 0; i < n; ++i) explained += solved[i * columns + c] * solved[i * columns + c];
    predictions[c].deviation = DeviationOf(explained);
  }
  return predictions;
}

double GpModel::LeastMean() const {
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < alpha_.size(); ++i) {
    least = std::min(least, data_.targets[i] - parameters_.noise * alpha_[i]);
  }
  return least;
}

}  // namespace caviar::search
