// The one door to OpenBLAS: openblas.cc alone includes cblas.h.
//
// Threads: Sgemm is thread-safe in every build that blas.h accepts.
#ifndef CAVIAR_WORKER_LINALG_OPENBLAS_H_
#define CAVIAR_WORKER_LINALG_OPENBLAS_H_

#include <string>

namespace caviar::linalg {

// c = op(a) op(b) on row-major arrays; op transposes where asked.
// op(a) is [m x k], op(b) [k x n], c [m x n].
void Sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, int a_stride,
           const float* b, int b_stride, float* c, int c_stride);

// OpenBLAS's build options and the kernel set it chose for this CPU.
std::string OpenBlasConfig();
std::string OpenBlasCore();
// Threads of one product.
int OpenBlasThreads();

// Parallelism comes from trials, and with one thread the order of summation is fixed. Cheap after
// the first call.
void UseOneBlasThread();

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_OPENBLAS_H_
