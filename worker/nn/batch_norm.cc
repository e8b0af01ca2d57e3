#include "worker/nn/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "common/status/check.h"
#include "worker/linalg/normalize_kernels.h"

namespace caviar::nn {

using linalg::ConstMatrixView;
using linalg::MatrixView;

BatchNorm::BatchNorm(const Options& options, Parameter gamma, Parameter beta,
                     std::span<float> running_mean, std::span<float> running_variance)
    : options_(options),
      gamma_(gamma),
      beta_(beta),
      running_mean_(running_mean),
      running_variance_(running_variance),
      mean_(linalg::PaddedSize(options.features)),
      variance_(linalg::PaddedSize(options.features)),
      inverse_std_(linalg::PaddedSize(options.features)),
      scale_(linalg::PaddedSize(options.features)) {
  const auto features = static_cast<size_t>(options.features);
  CAVIAR_CHECK(options.features > 0 && options.epsilon > 0);
  CAVIAR_CHECK(options.momentum >= 0 && options.momentum < 1);
  CAVIAR_CHECK(gamma.value.size() == features && beta.value.size() == features);
  CAVIAR_CHECK(running_mean.size() == features && running_variance.size() == features);
}

void BatchNorm::Initialize() {
  std::fill(gamma_.value.begin(), gamma_.value.end(), 1.0f);
  std::fill(beta_.value.begin(), beta_.value.end(), 0.0f);
  std::fill(running_mean_.begin(), running_mean_.end(), 0.0f);
  std::fill(running_variance_.begin(), running_variance_.end(), 1.0f);
  batches_ = 0;
}

void BatchNorm::ForwardTrain(ConstMatrixView x, linalg::Dropout dropout, MatrixView y) {
  CAVIAR_CHECK(x.rows >= 2 && x.cols == options_.features && x.data != y.data);
  linalg::ColumnMoments(x, mean_.data(), variance_.data());
  linalg::NormalizationScale(variance_.data(), gamma_.value.data(), options_.epsilon,
                             options_.features, inverse_std_.data(), scale_.data());
  linalg::NormalizeActivate(x, mean_.data(), scale_.data(), beta_.value.data(), options_.activation,
                            dropout, y);
  UpdateRunningAverages();
  x_ = x;
  y_ = y;
  dropout_ = dropout;
}

void BatchNorm::UpdateRunningAverages() {
  const double plain_mean = 1.0 - 1.0 / (static_cast<double>(batches_) + 1.0);
  const auto keep = static_cast<float>(std::min<double>(options_.momentum, plain_mean));
  const float take = 1.0f - keep;
  for (int c = 0; c < options_.features; ++c) {
    running_mean_[c] = keep * running_mean_[c] + take * mean_.data()[c];
    running_variance_[c] = keep * running_variance_[c] + take * variance_.data()[c];
  }
  ++batches_;
}

void BatchNorm::Backward(MatrixView d) {
  CAVIAR_CHECK(x_.data != nullptr) << "no ForwardTrain() before Backward()";
  linalg::NormalizeActivateBackward(x_, y_, mean_.data(), inverse_std_.data(), gamma_.value.data(),
                                    options_.activation, dropout_, d, gamma_.gradient.data(),
                                    beta_.gradient.data());
  x_ = {};
}

void NormalizationScale(std::span<const float> gamma, std::span<const float> variance,
                        float epsilon, std::span<float> scale) {
  for (size_t c = 0; c < gamma.size(); ++c) {
    scale[c] = gamma[c] * (1.0f / std::sqrt(variance[c] + epsilon));
  }
}

}  // namespace caviar::nn
