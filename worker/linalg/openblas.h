// The one door to OpenBLAS: openblas.cc alone includes cblas.h.
//
// It is loaded when it is first needed, not with the program: OpenBLAS reads its environment while
// it is loaded, so blas.h can set that before, and a program that multiplies nothing starts without
// it.
//
// Threads: thread-safe in every build that blas.h accepts. A product takes one thread: parallelism
//          comes from trials, and the order of summation is fixed.
// Errors:  where the library is not installed, all but LoadOpenBlas() abort and say so.
#ifndef CAVIAR_WORKER_LINALG_OPENBLAS_H_
#define CAVIAR_WORKER_LINALG_OPENBLAS_H_

#include <string>

#include "absl/status/status.h"

namespace caviar::linalg {

// Loads it unless it is there. kNotFound: it cannot be, with the reason.
absl::Status LoadOpenBlas();

// c = op(a) op(b) on row-major arrays; op transposes where asked.
// op(a) is [m x k], op(b) [k x n], c [m x n].
void Sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, int a_stride,
           const float* b, int b_stride, float* c, int c_stride);

// OpenBLAS's build options and the kernel set it chose for this CPU.
std::string OpenBlasConfig();
std::string OpenBlasCore();
// Threads of one product.
int OpenBlasThreads();

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_OPENBLAS_H_
