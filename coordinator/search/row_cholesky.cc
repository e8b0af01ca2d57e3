#include "coordinator/search/row_cholesky.h"

#include <algorithm>
#include <cmath>

#include "common/status/check.h"

namespace caviar::search {
namespace {

// Four sums side by side: the compiler may not reorder one.
double Dot(const double* a, const double* b, size_t n) {
  double sums[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int lane = 0; lane < 4; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// y -= factor * x.
void SubtractScaled(double factor, const double* x, double* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] -= factor * x[i];
}

}  // namespace

bool RowCholesky::Append(std::span<const double> values) {
  CAVIAR_CHECK(values.size() == rows_ + 1) << values.size() << " after " << rows_;
  const size_t start = packed_.size();
  packed_.insert(packed_.end(), values.begin(), values.end());
  double* added = packed_.data() + start;
  for (size_t j = 0; j < rows_; ++j) {
    added[j] = (added[j] - Dot(added, row(j), j)) / row(j)[j];
  }
  const double square = added[rows_] - Dot(added, added, rows_);
  if (!(square > 0)) {
    packed_.resize(start);
    return false;
  }
  added[rows_] = std::sqrt(square);
  ++rows_;
  return true;
}

void RowCholesky::SolveLower(std::span<double> b) const {
  for (size_t i = 0; i < rows_; ++i) b[i] = (b[i] - Dot(row(i), b.data(), i)) / row(i)[i];
}

void RowCholesky::SolveLower(std::span<double> b, size_t columns) const {
  // Blocks of columns whose solution so far stays in the cache.
  constexpr size_t kBlock = 16;
  for (size_t first = 0; first < columns; first += kBlock) {
    const size_t width = std::min(kBlock, columns - first);
    for (size_t i = 0; i < rows_; ++i) {
      double* target = b.data() + i * columns + first;
      const double* factors = row(i);
      for (size_t k = 0; k < i; ++k) {
        SubtractScaled(factors[k], b.data() + k * columns + first, target, width);
      }
      for (size_t c = 0; c < width; ++c) target[c] /= factors[i];
    }
  }
}

void RowCholesky::SolveUpper(std::span<double> b) const {
  for (size_t i = rows_; i-- > 0;) {
    b[i] /= row(i)[i];
    SubtractScaled(b[i], row(i), b.data(), i);
  }
}

double RowCholesky::LogDeterminant() const {
  double sum = 0;
  for (size_t i = 0; i < rows_; ++i) sum += 2 * std::log(row(i)[i]);
  return sum;
}

std::vector<double> RowCholesky::Inverse() const {
  const size_t n = rows_;
  std::vector<double> lower(n * n, 0.0);  // L^-1
  for (size_t i = 0; i < n; ++i) {
    double* target = lower.data() + i * n;
    for (size_t k = 0; k < i; ++k) {
      SubtractScaled(row(i)[k], lower.data() + k * n, target, k + 1);
    }
    for (size_t j = 0; j < i; ++j) target[j] /= row(i)[i];
    target[i] = 1 / row(i)[i];
  }
  std::vector<double> inverse(n * n, 0.0);  // sum of the outer products of its rows
  for (size_t i = 0; i < n; ++i) {
    const double* source = lower.data() + i * n;
    for (size_t a = 0; a <= i; ++a) {
      SubtractScaled(-source[a], source, inverse.data() + a * n, a + 1);
    }
  }
  return inverse;
}

}  // namespace caviar::search
