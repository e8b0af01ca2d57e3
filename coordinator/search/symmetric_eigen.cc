#include "coordinator/search/symmetric_eigen.h"

#include <cmath>
#include <limits>

#include "common/status/check.h"

namespace caviar::search {
namespace {

// Convergence is quadratic; a matrix that needs more holds something that is not finite.
constexpr int kSweepsMax = 60;

std::vector<double> UnitVectors(int n) {
  std::vector<double> identity(n * n, 0.0);
  for (int i = 0; i < n; ++i) identity[i * n + i] = 1;
  return identity;
}

// guess^T matrix guess.
std::vector<double> Turned(std::span<const double> matrix, std::span<const double> guess, int n) {
  std::vector<double> half(n * n, 0.0);
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) {
      for (int j = 0; j < n; ++j) half[i * n + j] += matrix[i * n + k] * guess[k * n + j];
    }
  }
  std::vector<double> turned(n * n, 0.0);
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) turned[i * n + j] += guess[k * n + i] * half[k * n + j];
    }
  }
  return turned;
}

double OffDiagonal(const std::vector<double>& a, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = i + 1; j < n; ++j) sum += a[i * n + j] * a[i * n + j];
  }
  return sum;
}

// Makes a[p][q] zero.
void Rotate(std::vector<double>& a, std::vector<double>& vectors, int n, int p, int q) {
  const double off = a[p * n + q];
  if (off == 0) return;
  const double theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const double t = std::copysign(1 / (std::abs(theta) + std::sqrt(theta * theta + 1)), theta);
  const double c = 1 / std::sqrt(t * t + 1);
  const double s = t * c;
  for (int k = 0; k < n; ++k) {
    const double kp = a[k * n + p];
    const double kq = a[k * n + q];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
    const double vp = vectors[k * n + p];
    const double vq = vectors[k * n + q];
    vectors[k * n + p] = c * vp - s * vq;
    vectors[k * n + q] = s * vp + c * vq;
  }
  for (int k = 0; k < n; ++k) {
    const double pk = a[p * n + k];
    const double qk = a[q * n + k];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
  }
  a[p * n + q] = a[q * n + p] = 0;
}

}  // namespace

SymmetricEigen EigenOf(std::span<const double> matrix, std::span<const double> guess) {
  const int n = static_cast<int>(std::lround(std::sqrt(static_cast<double>(matrix.size()))));
  CAVIAR_CHECK(static_cast<size_t>(n) * n == matrix.size()) << matrix.size() << " entries";
  SymmetricEigen eigen;
  std::vector<double> a(matrix.begin(), matrix.end());
  if (guess.empty()) {
    eigen.vectors = UnitVectors(n);
  } else {
    eigen.vectors.assign(guess.begin(), guess.end());
    a = Turned(matrix, guess, n);
  }
  double scale = 0;
  for (const double entry : a) scale += entry * entry;
  const double rounding = std::numeric_limits<double>::epsilon();
  for (int sweep = 0; OffDiagonal(a, n) > rounding * rounding * scale; ++sweep) {
    CAVIAR_CHECK(sweep < kSweepsMax) << "no eigenvalues of a matrix of " << n << " rows";
    for (int p = 0; p < n; ++p) {
      for (int q = p + 1; q < n; ++q) Rotate(a, eigen.vectors, n, p, q);
    }
  }
  eigen.values.resize(n);
  for (int i = 0; i < n; ++i) eigen.values[i] = a[i * n + i];
  return eigen;
}

}  // namespace caviar::search
