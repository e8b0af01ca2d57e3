#include "worker/linalg/gemm.h"

#include "common/status/check.h"
#include "worker/linalg/openblas.h"
#include "worker/linalg/tiled_gemm.h"

namespace caviar::linalg {

void Gemm(Transpose transpose_a, ConstMatrixView a, Transpose transpose_b, ConstMatrixView b,
          MatrixView c) {
  const bool ta = transpose_a == Transpose::kYes;
  const bool tb = transpose_b == Transpose::kYes;
  const int m = ta ? a.cols : a.rows;
  const int k = ta ? a.rows : a.cols;
  const int n = tb ? b.rows : b.cols;
  CAVIAR_CHECK(c.rows == m && c.cols == n && (tb ? b.cols : b.rows) == k)
      << "[" << m << " x " << k << "] times [" << (tb ? b.cols : b.rows) << " x " << n << "] into ["
      << c.rows << " x " << c.cols << "]";
  if (m == 0 || n == 0) return;
  if (TiledGemmIsFaster(static_cast<size_t>(m), static_cast<size_t>(n), static_cast<size_t>(k))) {
    return TiledGemm(ta, a, tb, b, c);
  }
  Sgemm(ta, tb, m, n, k, a.data, a.stride, b.data, b.stride, c.data, c.stride);
}

}  // namespace caviar::linalg
