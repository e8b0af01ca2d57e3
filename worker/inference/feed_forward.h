// Runs rows through a network with fixed statistics: what validation, test and prediction all use.
//
// Each layer is a = f((x W - mean) * scale + shift); a layer with a bias has mean 0 and scale 1.
// The mean is subtracted first rather than folded into the shift, because a nearly constant column
// has a scale of up to 1/sqrt(epsilon), which would blow up the rounding of a folded shift.
//
// Threads:     not thread-safe (owns scratch memory); one a thread.
// Ownership:   borrows the tensors, which outlive it.
// Shapes:      x is [rows x features], any stride >= features.
// Determinism: same tensors, rows and CPU type, same bits.
#ifndef CAVIAR_WORKER_INFERENCE_FEED_FORWARD_H_
#define CAVIAR_WORKER_INFERENCE_FEED_FORWARD_H_

#include <vector>

#include "worker/inference/architecture.h"
#include "worker/linalg/float_buffer.h"
#include "worker/linalg/matrix.h"

namespace caviar::inference {

class FeedForward {
 public:
  // `rows_max`: the most rows of one Logits() call.
  FeedForward(const Architecture& architecture, std::vector<LayerTensors> tensors, int rows_max);

  // Takes over changed values of the borrowed tensors.
  void Refresh();

  // A padded view [x.rows x classes], valid (and free to be overwritten) until the next call.
  // Requires: x.rows <= rows_max.
  linalg::MatrixView Logits(linalg::ConstMatrixView x);

  int rows_max() const { return rows_max_; }

 private:
  struct Affine {
    linalg::FloatBuffer mean, scale, shift;
  };

  Architecture architecture_;
  std::vector<LayerTensors> tensors_;
  int rows_max_;
  std::vector<Affine> affine_;
  linalg::ScratchMatrix scratch_[2];
};

}  // namespace caviar::inference

#endif  // CAVIAR_WORKER_INFERENCE_FEED_FORWARD_H_
