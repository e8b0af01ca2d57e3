#include "worker/nn/softmax_cross_entropy.h"

#include <utility>

#include "common/status/check.h"
#include "worker/linalg/softmax_kernels.h"

namespace caviar::nn {

SoftmaxCrossEntropy::SoftmaxCrossEntropy(Options options, int batch_max)
    : options_(std::move(options)), predictions_(batch_max) {}

void SoftmaxCrossEntropy::set_options(Options options) { options_ = std::move(options); }

SoftmaxCrossEntropy::Result SoftmaxCrossEntropy::LossAndGradient(linalg::MatrixView logits,
                                                                 std::span<const int32_t> labels) {
  const size_t rows = labels.size();
  CAVIAR_CHECK(rows == static_cast<size_t>(logits.rows) && rows > 0 && rows <= predictions_.size());
  linalg::CrossEntropyOptions options;
  if (!options_.class_weights.empty()) options.class_weights = options_.class_weights.data();
  options.smoothing = options_.label_smoothing;
  options.gradient_scale = 1.0f / static_cast<float>(rows);
  Result result;
  result.loss_sum =
      linalg::CrossEntropyGradient(logits, labels.data(), options, predictions_.data());
  for (size_t r = 0; r < rows; ++r) result.correct += predictions_[r] == labels[r];
  return result;
}

std::vector<float> BalancedClassWeights(std::span<const int32_t> labels, int classes) {
  std::vector<double> rows(classes, 0.0);
  for (const int32_t label : labels) ++rows[label];
  std::vector<float> weights(classes, 1.0f);
  for (int c = 0; c < classes; ++c) {
    if (rows[c] > 0) {
      weights[c] = static_cast<float>(static_cast<double>(labels.size()) / (classes * rows[c]));
    }
  }
  return weights;
}

}  // namespace caviar::nn
