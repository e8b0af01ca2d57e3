// Layers in double precision by their definitions, slow and plain, and central differences: what
// the trainer's gradients are held against. Matrices are row-major vectors.
#ifndef CAVIAR_TESTS_WORKER_NN_REFERENCE_H_
#define CAVIAR_TESTS_WORKER_NN_REFERENCE_H_

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "common/random/rng.h"
#include "worker/linalg/activation_function.h"
#include "worker/linalg/matrix.h"

namespace caviar::reference {

using Values = std::vector<double>;

inline Values RandomValues(size_t size, uint64_t seed, double mean = 0, double deviation = 1) {
  Rng rng(seed);
  Values values(size);
  // Rounded to float, so that the tested code sees exactly the same numbers.
  for (double& v : values) v = static_cast<float>(mean + deviation * rng.Normal());
  return values;
}

inline void CopyTo(const Values& values, linalg::MatrixView m) {
  for (int r = 0; r < m.rows; ++r) {
    for (int c = 0; c < m.cols; ++c) {
      m.row(r)[c] = static_cast<float>(values[static_cast<size_t>(r) * m.cols + c]);
    }
  }
}

// d f / d x_i by (f(x + h) - f(x - h)) / 2h.
inline Values CentralDifferences(const std::function<double(const Values&)>& f, Values at,
                                 double h = 1e-5) {
  Values gradient(at.size());
  for (size_t i = 0; i < at.size(); ++i) {
    const double x = at[i];
    at[i] = x + h;
    const double above = f(at);
    at[i] = x - h;
    const double below = f(at);
    at[i] = x;
    gradient[i] = (above - below) / (2 * h);
  }
  return gradient;
}

// sum_ij r_ij y_ij: a loss whose gradient in y is r.
inline double Project(const Values& y, const Values& r) {
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += y[i] * r[i];
  return sum;
}

inline double Activate(linalg::ActivationFunction f, double x) {
  using Kind = linalg::ActivationFunction::Kind;
  switch (f.kind) {
    case Kind::kIdentity:
      return x;
    case Kind::kRelu:
      return std::max(x, 0.0);
    case Kind::kLeakyRelu:
      return x > 0 ? x : x * static_cast<double>(f.leaky_slope);
    case Kind::kTanh:
      return std::tanh(x);
    case Kind::kSigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

inline Values Multiply(const Values& a, const Values& b, int m, int k, int n) {
  Values c(static_cast<size_t>(m) * n, 0.0);
  for (int i = 0; i < m; ++i) {
    for (int p = 0; p < k; ++p) {
      for (int j = 0; j < n; ++j) c[i * n + j] += a[i * k + p] * b[p * n + j];
    }
  }
  return c;
}

inline Values BatchNorm(const Values& x, const Values& gamma, const Values& beta, int rows,
                        double epsilon, linalg::ActivationFunction f) {
  const int cols = static_cast<int>(gamma.size());
  Values y(x.size());
  for (int c = 0; c < cols; ++c) {
    double mean = 0, variance = 0;
    for (int r = 0; r < rows; ++r) mean += x[r * cols + c] / rows;
    for (int r = 0; r < rows; ++r) variance += std::pow(x[r * cols + c] - mean, 2) / rows;
    for (int r = 0; r < rows; ++r) {
      const double x_hat = (x[r * cols + c] - mean) / std::sqrt(variance + epsilon);
      y[r * cols + c] = Activate(f, gamma[c] * x_hat + beta[c]);
    }
  }
  return y;
}

inline Values BiasActivate(const Values& x, const Values& bias, int rows,
                           linalg::ActivationFunction f) {
  const int cols = static_cast<int>(bias.size());
  Values y(x.size());
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < cols; ++c) y[r * cols + c] = Activate(f, x[r * cols + c] + bias[c]);
  }
  return y;
}

// Mean over the rows of weight(label) * -sum_j q_j log softmax(z)_j.
inline double CrossEntropy(const Values& logits, const std::vector<int32_t>& labels, int classes,
                           double smoothing, const std::vector<float>& weights) {
  double total = 0;
  for (size_t r = 0; r < labels.size(); ++r) {
    const double* z = logits.data() + r * classes;
    double sum = 0;
    for (int c = 0; c < classes; ++c) sum += std::exp(z[c]);
    double loss = 0;
    for (int c = 0; c < classes; ++c) {
      const double q = (c == labels[r] ? 1 - smoothing : 0) + smoothing / classes;
      loss -= q * (z[c] - std::log(sum));
    }
    total += loss * (weights.empty() ? 1.0 : static_cast<double>(weights[labels[r]]));
  }
  return total / static_cast<double>(labels.size());
}

}  // namespace caviar::reference

#endif  // CAVIAR_TESTS_WORKER_NN_REFERENCE_H_
