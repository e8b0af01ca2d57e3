// The matrix product by its definition, in double: what the fast ones are held against.
#ifndef CAVIAR_TESTS_WORKER_LINALG_NAIVE_PRODUCT_H_
#define CAVIAR_TESTS_WORKER_LINALG_NAIVE_PRODUCT_H_

#include "worker/linalg/matrix.h"

namespace caviar::linalg {

// Element (r, c) of op(a) op(b).
inline double NaiveElement(bool ta, ConstMatrixView a, bool tb, ConstMatrixView b, int r, int c) {
  const int k = ta ? a.rows : a.cols;
  double sum = 0;
  for (int i = 0; i < k; ++i) {
    sum += static_cast<double>(ta ? a.row(i)[r] : a.row(r)[i]) *
           static_cast<double>(tb ? b.row(c)[i] : b.row(i)[c]);
  }
  return sum;
}

}  // namespace caviar::linalg

#endif  // CAVIAR_TESTS_WORKER_LINALG_NAIVE_PRODUCT_H_
