// A Gaussian process that has seen data: what it expects at a point, and how sure it is.
//
// Threads:     thread-compatible.
// Shapes:      points are feature vectors (gp_kernel.h); n rows of data.
// Determinism: same calls, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_GP_MODEL_H_
#define CAVIAR_COORDINATOR_SEARCH_GP_MODEL_H_

#include <span>
#include <vector>

#include "coordinator/search/gp_fit.h"
#include "coordinator/search/gp_kernel.h"
#include "coordinator/search/row_cholesky.h"

namespace caviar::search {

class GpModel {
 public:
  struct Prediction {
    double mean = 0;
    double deviation = 0;  // of the function, without noise; > 0
  };
  struct Slope {
    std::vector<double> mean;
    std::vector<double> deviation;
  };

  // O(n^3).
  GpModel(GpKernel kernel, GpParameters parameters, GpData data);

  // Goes on as if the mean expected at `features` had been measured there: how a trial that still
  // runs counts (the "kriging believer" of Ginsbourger et al. 2010). Means stay, deviations around
  // it shrink. O(n^2).
  void Believe(const std::vector<double>& features);

  // O(n^2); with its gradient, where `slope` is not null.
  Prediction At(std::span<const double> features, Slope* slope = nullptr) const;
  // The same for many points, several times as fast.
  std::vector<Prediction> At(const std::vector<std::vector<double>>& points) const;

  // The least mean over the rows of data: with noise, the least measurement was partly luck.
  double LeastMean() const;

  size_t rows() const { return factor_.rows(); }
  const GpParameters& parameters() const { return parameters_; }

 private:
  void Add(const std::vector<double>& features, double target);
  void Solve();
  std::vector<double> CovarianceWith(std::span<const double> features) const;
  double DeviationOf(double explained) const;

  GpKernel kernel_;
  GpParameters parameters_;
  GpData data_;
  RowCholesky factor_;
  std::vector<double> alpha_;  // K^-1 targets
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GP_MODEL_H_
