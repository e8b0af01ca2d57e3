// Batch-norm statistics over the whole training set with the weights as they are: layer by layer,
// each layer seeing the rows as normalised by the layers before it.
//
// Threads:     not thread-safe.
// Ownership:   writes the network's mean and variance; keeps two [rows x widest layer] matrices, so
//              that L layers cost L products rather than L^2 / 2.
// Determinism: as linalg::ColumnMoments over all rows.
#ifndef CAVIAR_WORKER_TRAIN_TRAINING_SET_STATISTICS_H_
#define CAVIAR_WORKER_TRAIN_TRAINING_SET_STATISTICS_H_

#include "common/data/dataset.h"
#include "worker/inference/architecture.h"
#include "worker/linalg/matrix.h"
#include "worker/nn/parameters.h"

namespace caviar::train {

class TrainingSetStatistics {
 public:
  // Nothing is allocated for an architecture without normalised layers.
  TrainingSetStatistics(const inference::Architecture& architecture, int rows);

  // Requires: part.rows is the constructor's `rows`, parameters has the architecture's layout.
  void Compute(const data::Dataset::Part& part, nn::Parameters& parameters);

  static double MemoryBytes(const inference::Architecture& architecture, int rows);

 private:
  // Layers after the last normalised one need no run.
  static size_t LayersToRun(const inference::Architecture& architecture);

  inference::Architecture architecture_;
  size_t layers_;
  linalg::ScratchMatrix rows_[2];
  linalg::FloatBuffer mean_, variance_, scale_;
};

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_TRAINING_SET_STATISTICS_H_
