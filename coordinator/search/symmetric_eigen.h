// Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations (Golub and Van Loan,
// "Matrix Computations", 8.5): short, exact to the last digits, and quick where the answer is
// nearly known, as it is from one generation of CMA-ES to the next.
//
// Threads:     pure.
// Shapes:      matrices are [n x n], row-major.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_SYMMETRIC_EIGEN_H_
#define CAVIAR_COORDINATOR_SEARCH_SYMMETRIC_EIGEN_H_

#include <span>
#include <vector>

namespace caviar::search {

struct SymmetricEigen {
  std::vector<double> values;   // [n], in no particular order
  std::vector<double> vectors;  // column k belongs to values[k]; orthonormal
};

// `guess`: an orthonormal matrix whose columns may be near the eigenvectors, or empty. Rotations
// end when what is left off the diagonal is rounding. O(n^3) a sweep: some 7 sweeps without a
// guess, 2 or 3 with a good one. Requires: all entries finite.
SymmetricEigen EigenOf(std::span<const double> matrix, std::span<const double> guess = {});

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_SYMMETRIC_EIGEN_H_
