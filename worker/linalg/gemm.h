// Matrix product. Which kernels compute it is this file's secret: OpenBLAS's, or for the shapes and
// CPUs where they were measured to be faster, our own (tiled_gemm.h).
//
// Threads:     thread-safe on distinct outputs.
// Errors:      shapes that do not fit abort.
// Determinism: the same shapes, strides and values give the same bits on the same CPU type,
//              whatever other threads do.
#ifndef CAVIAR_WORKER_LINALG_GEMM_H_
#define CAVIAR_WORKER_LINALG_GEMM_H_

#include "worker/linalg/matrix.h"

namespace caviar::linalg {

enum class Transpose { kNo, kYes };

// c = op(a) op(b), where op transposes if asked. `c` overlaps neither `a` nor `b`, and need not be
// initialised.
void Gemm(Transpose transpose_a, ConstMatrixView a, Transpose transpose_b, ConstMatrixView b,
          MatrixView c);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_GEMM_H_
