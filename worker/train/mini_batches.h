// Cuts the training rows into mini-batches, in a new order each epoch.
//
// The last mini-batch joins the one before when it would be smaller than max(2, batch_size / 4):
// its statistics would be noise (and those of one row useless).
//
// Threads:     not thread-safe; belongs to one training loop.
// Determinism: an epoch's order depends on the generator's state at Shuffle() alone, never on
//              earlier orders, so that a checkpoint needs no permutation.
#ifndef CAVIAR_WORKER_TRAIN_MINI_BATCHES_H_
#define CAVIAR_WORKER_TRAIN_MINI_BATCHES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "common/data/dataset.h"
#include "common/random/rng.h"
#include "worker/linalg/matrix.h"

namespace caviar::train {

class MiniBatches {
 public:
  // `part` outlives this object. Requires: part.rows >= 1, 1 <= batch_size <= part.rows.
  MiniBatches(const data::Dataset::Part& part, int features, int batch_size);

  // Mini-batches of an epoch.
  int count() const { return count_; }
  // Rows of the largest one.
  int rows_max() const;
  int rows(int batch) const;

  // Draws a new order.
  void Shuffle(Rng& rng);

  // Copies the rows of mini-batch `batch` into x [rows(batch) x features] and labels [rows(batch)].
  void Gather(int batch, linalg::MatrixView x, std::span<int32_t> labels) const;

 private:
  data::Dataset::Part part_;
  int features_;
  int batch_size_;
  int count_;
  std::vector<int32_t> order_;
};

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_MINI_BATCHES_H_
