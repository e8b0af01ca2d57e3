#include "coordinator/search/gp_kernel.h"

#include <cmath>

namespace caviar::search {
namespace {

constexpr double kMiddle = 0.5;
constexpr double kNoValue = -1;

double FeatureOf(const Parameter& parameter, double place) {
  if (!std::isnan(place)) return place;
  return parameter.kind() == Parameter::Kind::kChoice ? kNoValue : kMiddle;
}

}  // namespace

std::vector<bool> UnorderedFeatures(const Space& space) {
  std::vector<bool> unordered;
  unordered.reserve(space.size());
  for (int i = 0; i < space.size(); ++i) {
    unordered.push_back(space.parameter(i).kind() == Parameter::Kind::kChoice);
  }
  return unordered;
}

std::vector<double> FeaturesOf(const Space& space,
                               const std::vector<std::optional<double>>& place) {
  std::vector<double> features;
  features.reserve(space.size());
  for (int i = 0; i < space.size(); ++i) {
    features.push_back(FeatureOf(space.parameter(i), place[i].value_or(std::nan(""))));
  }
  return features;
}

std::vector<double> FeaturesOf(const Space& space, const Observations& observations, size_t row) {
  std::vector<double> features;
  features.reserve(space.size());
  for (int i = 0; i < space.size(); ++i) {
    features.push_back(FeatureOf(space.parameter(i), observations.column(i)[row]));
  }
  return features;
}

double GpKernel::SquaredRadius(const GpParameters& parameters, std::span<const double> a,
                               std::span<const double> b) const {
  double sum = 0;
  for (size_t j = 0; j < a.size(); ++j) sum += parameters.weights[j] * Distance(j, a[j], b[j]);
  return sum;
}

double GpKernel::Correlation(double squared_radius) {
  const double r = std::sqrt(5 * squared_radius);
  return (1 + r + r * r / 3) * std::exp(-r);
}

double GpKernel::CorrelationSlope(double squared_radius) {
  const double r = std::sqrt(5 * squared_radius);
  return -5.0 / 6 * (1 + r) * std::exp(-r);
}

void GpKernel::AddGradient(const GpParameters& parameters, std::span<const double> a,
                           std::span<const double> b, double slope,
                           std::span<double> gradient) const {
  for (size_t j = 0; j < a.size(); ++j) {
    if (!unordered_[j]) gradient[j] += slope * 2 * parameters.weights[j] * (a[j] - b[j]);
  }
}

}  // namespace caviar::search
