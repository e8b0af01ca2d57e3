// Loss, accuracy and macro-F1 of a network on one part of a data set.
//
// The loss is the plain mean cross-entropy, without label smoothing or class weights, so that
// trials with different settings can be compared by it. Macro-F1 is the mean over classes of 2 tp /
// (rows of the class + rows predicted as it); classes without rows in the part are left out.
//
// Threads:     as FeedForward.
// Determinism: fixed chunks of rows, fixed order.
#ifndef CAVIAR_WORKER_TRAIN_EVALUATE_H_
#define CAVIAR_WORKER_TRAIN_EVALUATE_H_

#include <cstdint>
#include <span>

#include "common/data/dataset.h"
#include "worker/inference/feed_forward.h"

namespace caviar::train {

struct Evaluation {
  double loss = 0;
  double accuracy = 0;
  double macro_f1 = 0;
};

// Requires: part.rows >= 1.
Evaluation Evaluate(inference::FeedForward& network, const data::Dataset::Part& part, int features,
                    int classes);

double MacroF1(std::span<const int32_t> labels, std::span<const int32_t> predictions, int classes);

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_EVALUATE_H_
