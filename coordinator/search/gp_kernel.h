// How alike two points are to the Gaussian process: a Matern 5/2 kernel with a length scale of its
// own for each parameter.
//
//   k(a, b) = signal * (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r),  r^2 = sum_j w_j d_j(a, b)
//
// w_j = 1 / length_j^2. d_j is the squared distance of two places, or, for a parameter without an
// order, 1 where its values differ. A parameter that is inactive counts as at the middle of its
// range, or as a value of its own: what tells such points apart is the parent's distance.
//
// Threads:     immutable; pure.
// Shapes:      a feature vector has one entry a parameter, by index (FeaturesOf).
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_KERNEL_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_KERNEL_H_

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// Which entries of a feature vector have no order.
std::vector<bool> UnorderedFeatures(const Space& space);

// Of places as Space::UnitOf() gives them, and of a row.
std::vector<double> FeaturesOf(const Space& space, const std::vector<std::optional<double>>& place);
std::vector<double> FeaturesOf(const Space& space, const Observations& observations, size_t row);

struct GpParameters {
  std::vector<double> weights;  // w_j
  double signal = 1;            // variance of the function; > 0
  double noise = 1e-6;          // variance of what is measured around it; > 0
};

class GpKernel {
 public:
  explicit GpKernel(std::vector<bool> unordered) : unordered_(std::move(unordered)) {}

  size_t dimensions() const { return unordered_.size(); }

  // d_j.
  double Distance(size_t j, double a, double b) const {
    return unordered_[j] ? (a == b ? 0.0 : 1.0) : (a - b) * (a - b);
  }
  double SquaredRadius(const GpParameters& parameters, std::span<const double> a,
                       std::span<const double> b) const;

  // Over the signal: 1 at r = 0; and its derivative by r^2, which is finite there.
  static double Correlation(double squared_radius);
  static double CorrelationSlope(double squared_radius);

  // Adds `slope` times the derivative of r^2 by a. Entries without an order add nothing.
  void AddGradient(const GpParameters& parameters, std::span<const double> a,
                   std::span<const double> b, double slope, std::span<double> gradient) const;

 private:
  std::vector<bool> unordered_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_KERNEL_H_
