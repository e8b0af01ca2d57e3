// The Cholesky factor of a positive definite matrix that grows row by row: K = L L^T.
//
// A row of L depends on the rows above it alone and is always computed by the same operations, so
// that a factor that grew is, bit for bit, the one computed at once.
//
// Threads:     thread-compatible.
// Shapes:      n rows; vectors are [n].
// Determinism: same calls, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_ROW_CHOLESKY_H_
#define CAVIAR_COORDINATOR_SEARCH_ROW_CHOLESKY_H_

#include <cstddef>
#include <span>
#include <vector>

namespace caviar::search {

class RowCholesky {
 public:
  // Adds the matrix's next row, [n + 1] with its diagonal entry last. False, and nothing changes,
  // if the matrix would not be positive definite. O(n^2).
  bool Append(std::span<const double> row);

  size_t rows() const { return rows_; }

  // b := L^-1 b. O(n^2).
  void SolveLower(std::span<double> b) const;
  // The same for `columns` right-hand sides at once, [n x columns] row-major: several times as
  // fast.
  void SolveLower(std::span<double> b, size_t columns) const;
  // b := L^-T b. O(n^2).
  void SolveUpper(std::span<double> b) const;

  // ln det K.
  double LogDeterminant() const;
  // K^-1, [n x n] row-major; only entries on and below the diagonal are set. O(n^3).
  std::vector<double> Inverse() const;

 private:
  const double* row(size_t i) const { return packed_.data() + i * (i + 1) / 2; }

  size_t rows_ = 0;
  std::vector<double> packed_;  // row i holds i + 1 entries
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_ROW_CHOLESKY_H_
