#include "worker/train/evaluate.h"

#include <algorithm>
#include <vector>

#include "common/status/check.h"
#include "worker/linalg/softmax_kernels.h"

namespace caviar::train {

Evaluation Evaluate(inference::FeedForward& network, const data::Dataset::Part& part, int features,
                    int classes) {
  CAVIAR_CHECK(part.rows >= 1);
  std::vector<int32_t> predictions(static_cast<size_t>(part.rows));
  double loss_sum = 0;
  for (int first = 0; first < part.rows; first += network.rows_max()) {
    const int count = std::min(network.rows_max(), part.rows - first);
    const float* const x = part.x.data() + static_cast<size_t>(first) * features;
    const linalg::MatrixView logits = network.Logits({x, count, features, features});
    loss_sum +=
        linalg::CrossEntropy(logits, part.labels.data() + first, predictions.data() + first);
  }
  int correct = 0;
  for (int r = 0; r < part.rows; ++r) correct += predictions[r] == part.labels[r];
  return {loss_sum / part.rows, static_cast<double>(correct) / part.rows,
          MacroF1(part.labels, predictions, classes)};
}

double MacroF1(std::span<const int32_t> labels, std::span<const int32_t> predictions, int classes) {
  std::vector<int64_t> actual(classes), predicted(classes), hits(classes);
  for (size_t r = 0; r < labels.size(); ++r) {
    ++actual[labels[r]];
    ++predicted[predictions[r]];
    hits[labels[r]] += labels[r] == predictions[r];
  }
  double sum = 0;
  int present = 0;
  for (int c = 0; c < classes; ++c) {
    if (actual[c] == 0) continue;
    ++present;
    sum += 2.0 * static_cast<double>(hits[c]) / static_cast<double>(actual[c] + predicted[c]);
  }
  return present == 0 ? 0 : sum / present;
}

}  // namespace caviar::train
