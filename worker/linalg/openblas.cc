#include "worker/linalg/openblas.h"

#include <cblas.h>

namespace caviar::linalg {

void Sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, int a_stride,
           const float* b, int b_stride, float* c, int c_stride) {
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
              transpose_b ? CblasTrans : CblasNoTrans, m, n, k, 1.0f, a, a_stride, b, b_stride,
              0.0f, c, c_stride);
}

std::string OpenBlasConfig() { return openblas_get_config(); }

std::string OpenBlasCore() { return openblas_get_corename(); }

int OpenBlasThreads() { return openblas_get_num_threads(); }

void UseOneBlasThread() {
  static const bool done = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace caviar::linalg
