#include "worker/train/training_set_statistics.h"

#include <algorithm>

#include "worker/linalg/activation_kernels.h"
#include "worker/linalg/gemm.h"
#include "worker/linalg/normalize_kernels.h"
#include "worker/nn/batch_norm.h"

namespace caviar::train {
namespace {

using inference::LayerShape;
using linalg::ConstMatrixView;
using linalg::MatrixView;

int WidestLayer(const inference::Architecture& architecture, size_t layers) {
  int widest = 0;
  for (size_t l = 0; l < layers; ++l) widest = std::max(widest, architecture.layers[l].outputs);
  return widest;
}

}  // namespace

size_t TrainingSetStatistics::LayersToRun(const inference::Architecture& architecture) {
  size_t layers = architecture.layers.size();
  while (layers > 0 && !architecture.layers[layers - 1].is_normalized) --layers;
  return layers;
}

double TrainingSetStatistics::MemoryBytes(const inference::Architecture& architecture, int rows) {
  return 2.0 * sizeof(float) * rows * WidestLayer(architecture, LayersToRun(architecture));
}

TrainingSetStatistics::TrainingSetStatistics(const inference::Architecture& architecture, int rows)
    : architecture_(architecture), layers_(LayersToRun(architecture)) {
  if (layers_ == 0) return;
  const int widest = WidestLayer(architecture, layers_);
  for (auto& matrix : rows_) matrix = linalg::ScratchMatrix(rows, widest);
  const size_t size = linalg::PaddedSize(widest);
  mean_ = linalg::FloatBuffer(size);
  variance_ = linalg::FloatBuffer(size);
  scale_ = linalg::FloatBuffer(size);
}

void TrainingSetStatistics::Compute(const data::Dataset::Part& part, nn::Parameters& parameters) {
  const std::vector<inference::LayerPlaces> places = inference::PlacesOf(architecture_);
  const int features = architecture_.features();
  ConstMatrixView x{part.x.data(), part.rows, features, features};
  for (size_t l = 0; l < layers_; ++l) {
    const LayerShape& layer = architecture_.layers[l];
    const MatrixView z = rows_[l % 2].As(part.rows, layer.outputs);
    const nn::Parameter weight = parameters.weight(places[l].weight);
    linalg::Gemm(linalg::Transpose::kNo, x, linalg::Transpose::kNo,
                 {weight.value.data(), layer.inputs, layer.outputs, layer.outputs}, z);
    const nn::Parameter bias_or_gamma = parameters.other(places[l].bias_or_gamma);
    if (layer.is_normalized) {
      linalg::ColumnMoments(z, mean_.data(), variance_.data());
      const std::span<float> mean = parameters.statistic(places[l].mean);
      const std::span<float> variance = parameters.statistic(places[l].variance);
      std::copy_n(mean_.data(), mean.size(), mean.data());
      std::copy_n(variance_.data(), variance.size(), variance.data());
      nn::NormalizationScale(bias_or_gamma.value, variance, architecture_.batch_norm_epsilon,
                             scale_.span());
      linalg::NormalizeActivate(z, mean_.data(), scale_.data(),
                                parameters.other(places[l].beta).value.data(), layer.activation, {},
                                z);
    } else {
      linalg::BiasActivate(z, bias_or_gamma.value.data(), layer.activation, {}, z);
    }
    x = z;
  }
}

}  // namespace caviar::train
