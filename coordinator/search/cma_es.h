// The arithmetic of CMA-ES: a normal distribution that moves, turns and stretches towards the
// better part of what was drawn from it.
//
// Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772: weights, learning rates and
// update are those of its Table 1 and figure 6, negative weights included. Two additions:
//   - a sample that the distribution hardly could have drawn (a point from outside, or a late one)
//     counts as if it lay no further out than sqrt(n) + 2n / (n + 2) standard deviations (Hansen
//     2011, "Injecting external solutions into CMA-ES", arXiv:1110.4181);
//   - each axis has a factor of its own, which keeps whole numbers from freezing (cma_margin.h).
//
// Threads:     CmaRates is immutable, CmaEs thread-compatible.
// Shapes:      vectors are [n], matrices [n x n] and row-major; n > 0.
// Determinism: same calls, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_CMA_ES_H_
#define CAVIAR_COORDINATOR_SEARCH_CMA_ES_H_

#include <span>
#include <vector>

namespace caviar::search {

// What follows from dimensions and population alone.
struct CmaRates {
  // Requires: dimensions > 0, population >= 2.
  CmaRates(int dimensions, int population);

  std::vector<double> weights;  // [population], falling; the first `parents` are > 0, with sum 1
  int parents = 0;
  double effective_parents = 0;  // mu_eff
  double path_sigma = 0;         // c_sigma
  double damping = 0;            // d_sigma
  double path_covariance = 0;    // c_c
  double rank_one = 0;           // c_1
  double rank_mu = 0;            // c_mu
};

// 4 + floor(3 ln n), and 4 at least.
int DefaultCmaPopulation(int dimensions);

class CmaEs {
 public:
  // N(mean, sigma^2 I). Requires: sigma > 0.
  CmaEs(std::vector<double> mean, double sigma);
  // N(mean, sigma^2 covariance). Requires: symmetric and positive definite.
  CmaEs(std::vector<double> mean, double sigma, std::vector<double> covariance);

  // Learns from a generation, the best sample first; each [n]. Requires: as many as rates.weights.
  void Update(const std::vector<std::vector<double>>& ranked, const CmaRates& rates);

  // mean + sigma * axis_factor * basis * lengths * z: a draw, if z is one of a standard normal.
  std::vector<double> At(std::span<const double> z) const;

  int dimensions() const { return static_cast<int>(mean_.size()); }
  const std::vector<double>& mean() const { return mean_; }
  double sigma() const { return sigma_; }
  const std::vector<double>& covariance() const { return covariance_; }
  // Of coordinate i as it is drawn.
  double StandardDeviation(int i) const;
  // The largest over the smallest eigenvalue of the covariance.
  double ConditionNumber() const;

  // For the margin: moves the mean and the standard deviation of one coordinate alone.
  void SetMarginal(int i, double mean, double standard_deviation);

 private:
  struct Step {
    std::vector<double> y;  // from the mean, in units of sigma and axis_factor
    double norm = 0;        // ||C^(-1/2) y||
  };
  std::vector<Step> StepsOf(const std::vector<std::vector<double>>& samples) const;
  // True if the path of sigma is so long that the covariance's must not follow (h_sigma = 0).
  bool MovePaths(const std::vector<double>& mean_step, const CmaRates& rates);
  void LearnCovariance(const std::vector<Step>& steps, bool is_long, const CmaRates& rates);
  // C^(-1/2) v.
  std::vector<double> InverseRoot(std::span<const double> v) const;
  void Decompose();

  std::vector<double> mean_;
  double sigma_;
  std::vector<double> covariance_;
  std::vector<double> axis_factor_;
  std::vector<double> sigma_path_;
  std::vector<double> covariance_path_;
  int generation_ = 0;
  std::vector<double> basis_;    // covariance_ = basis diag(lengths^2) basis^T
  std::vector<double> lengths_;  // > 0
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CMA_ES_H_
