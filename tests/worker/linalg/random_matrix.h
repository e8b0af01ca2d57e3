// Random padded matrices, whose padding is NaN so that a kernel that uses it is found out.
#ifndef CAVIAR_TESTS_WORKER_LINALG_RANDOM_MATRIX_H_
#define CAVIAR_TESTS_WORKER_LINALG_RANDOM_MATRIX_H_

#include <limits>

#include "common/random/rng.h"
#include "worker/linalg/matrix.h"

namespace caviar::linalg {

inline Matrix RandomMatrix(int rows, int cols, uint64_t seed, double mean = 0,
                           double deviation = 1) {
  Rng rng(seed);
  Matrix matrix(rows, cols);
  const MatrixView view = matrix.view();
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < view.stride; ++c) {
      view.row(r)[c] = c < cols ? static_cast<float>(mean + deviation * rng.Normal())
                                : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return matrix;
}

inline FloatBuffer RandomColumns(int cols, uint64_t seed, double mean = 0, double deviation = 1) {
  Rng rng(seed);
  FloatBuffer buffer(PaddedSize(cols));
  for (int c = 0; c < cols; ++c) {
    buffer.data()[c] = static_cast<float>(mean + deviation * rng.Normal());
  }
  return buffer;
}

}  // namespace caviar::linalg

#endif  // CAVIAR_TESTS_WORKER_LINALG_RANDOM_MATRIX_H_
