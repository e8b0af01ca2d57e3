// The matrix product by our own register tiles, for the shapes of training: made for batches of a
// few hundred rows at most, where a library's preparations cost as much as the product. Kernels
// compiled at run time (libxsmm 1.17) were 0.9 to 1.1 times as fast on hidden layers and 0.35 to
// 0.7 times on 10 columns or 784 deep, and know no transposed right side: not worth a dependency
// that needs writable code pages.
//
// Threads:     thread-safe on distinct outputs; scratch memory is on the stack.
// Determinism: an element's bits depend only on its row of op(a), its column of op(b), their length
//              and the SIMD target: not on the other rows and columns, strides or alignment.
#ifndef CAVIAR_WORKER_LINALG_TILED_GEMM_H_
#define CAVIAR_WORKER_LINALG_TILED_GEMM_H_

#include <cstddef>

#include "worker/linalg/matrix.h"

namespace caviar::linalg {

// c = op(a) op(b) as Gemm(), whose checks are done: shapes fit, rows and columns >= 1.
void TiledGemm(bool transpose_a, ConstMatrixView a, bool transpose_b, ConstMatrixView b,
               MatrixView c);

// Whether it is the faster one for a product [rows x depth] times [depth x columns] on this CPU.
bool TiledGemmIsFaster(size_t rows, size_t columns, size_t depth);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_TILED_GEMM_H_
