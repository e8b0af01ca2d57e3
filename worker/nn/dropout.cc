#include "worker/nn/dropout.h"

#include "worker/linalg/dropout_kernels.h"

namespace caviar::nn {

Dropout::Dropout(float rate, int batch_max, int features)
    : rate_(rate), mask_(batch_max, features) {}

void Dropout::Forward(linalg::ConstMatrixView x, Rng& rng, linalg::MatrixView y) {
  linalg::Dropout(rng.NextUint64(), rate_, x, mask_.Rows(x.rows), y);
}

void Dropout::Backward(linalg::MatrixView d) { linalg::MultiplyElements(mask_.Rows(d.rows), d); }

}  // namespace caviar::nn
