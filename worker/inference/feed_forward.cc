#include "worker/inference/feed_forward.h"

#include <algorithm>
#include <utility>

#include "common/status/check.h"
#include "worker/linalg/gemm.h"
#include "worker/linalg/normalize_kernels.h"
#include "worker/nn/batch_norm.h"

namespace caviar::inference {

using linalg::ConstMatrixView;
using linalg::MatrixView;

FeedForward::FeedForward(const Architecture& architecture, std::vector<LayerTensors> tensors,
                         int rows_max)
    : architecture_(architecture), tensors_(std::move(tensors)), rows_max_(rows_max) {
  CAVIAR_CHECK(rows_max >= 1 && tensors_.size() == architecture_.layers.size());
  int units_max = 0;
  for (const LayerShape& layer : architecture_.layers) {
    const size_t size = linalg::PaddedSize(layer.outputs);
    affine_.push_back(
        {linalg::FloatBuffer(size), linalg::FloatBuffer(size), linalg::FloatBuffer(size)});
    units_max = std::max(units_max, layer.outputs);
  }
  for (auto& scratch : scratch_) scratch = linalg::ScratchMatrix(rows_max, units_max);
  Refresh();
}

void FeedForward::Refresh() {
  for (size_t l = 0; l < tensors_.size(); ++l) {
    const LayerTensors& from = tensors_[l];
    Affine& to = affine_[l];
    if (architecture_.layers[l].is_normalized) {
      std::copy(from.mean.begin(), from.mean.end(), to.mean.data());
      std::copy(from.beta.begin(), from.beta.end(), to.shift.data());
      nn::NormalizationScale(from.gamma, from.variance, architecture_.batch_norm_epsilon,
                             to.scale.span());
    } else {
      std::copy(from.bias.begin(), from.bias.end(), to.shift.data());
      std::fill(to.scale.data(), to.scale.data() + to.scale.size(), 1.0f);
    }
  }
}

MatrixView FeedForward::Logits(ConstMatrixView x) {
  CAVIAR_CHECK(x.rows <= rows_max_ && x.cols == architecture_.features());
  ConstMatrixView input = x;
  MatrixView output;
  for (size_t l = 0; l < tensors_.size(); ++l) {
    const LayerShape& layer = architecture_.layers[l];
    output = scratch_[l % 2].As(x.rows, layer.outputs);
    linalg::Gemm(linalg::Transpose::kNo, input, linalg::Transpose::kNo,
                 {tensors_[l].weight.data(), layer.inputs, layer.outputs, layer.outputs}, output);
    const Affine& affine = affine_[l];
    linalg::NormalizeActivate(output, affine.mean.data(), affine.scale.data(), affine.shift.data(),
                              layer.activation, {}, output);
    input = output;
  }
  return output;
}

}  // namespace caviar::inference
