#include "worker/train/network.h"

#include <algorithm>
#include <utility>

namespace caviar::train {

using inference::LayerPlaces;
using inference::LayerShape;
using linalg::ConstMatrixView;
using linalg::MatrixView;

Network::Network(const Options& options)
    : options_(options),
      parameters_(inference::LayoutOf(options.architecture)),
      input_(options.batch_max, options.architecture.features()) {
  const std::vector<LayerPlaces> places = inference::PlacesOf(options_.architecture);
  int units_max = 0;
  for (size_t l = 0; l < places.size(); ++l) {
    layers_.push_back(MakeLayer(static_cast<int>(l), places[l]));
    // Gradients of layer inputs are never taken for the first layer.
    if (l > 0) units_max = std::max(units_max, layers_[l].dense.inputs());
  }
  if (units_max > 0) {
    for (auto& d : d_) d = linalg::ScratchMatrix(options_.batch_max, units_max);
  }
}

Network::Layer Network::MakeLayer(int index, const LayerPlaces& places) {
  const LayerShape& shape = options_.architecture.layers[static_cast<size_t>(index)];
  const bool is_hidden = index + 1 < static_cast<int>(options_.architecture.layers.size());
  const int rows = options_.batch_max;
  Layer layer{nn::Dense(shape.inputs, shape.outputs, parameters_.weight(places.weight)),
              std::nullopt,
              std::nullopt,
              is_hidden ? options_.dropout : 0.0f,
              linalg::Matrix(rows, shape.outputs),
              linalg::Matrix()};
  const nn::Parameter bias_or_gamma = parameters_.other(places.bias_or_gamma);
  if (shape.is_normalized) {
    const nn::BatchNorm::Options norm{shape.outputs, options_.batch_norm_momentum,
                                      options_.architecture.batch_norm_epsilon, shape.activation};
    layer.norm.emplace(norm, bias_or_gamma, parameters_.other(places.beta),
                       parameters_.statistic(places.mean), parameters_.statistic(places.variance));
    layer.y = linalg::Matrix(rows, shape.outputs);
  } else {
    layer.bias.emplace(shape.activation, bias_or_gamma);
  }
  return layer;
}

double Network::MemoryBytes(const Options& options) {
  const double rows = options.batch_max;
  double parameters = 0, units_sum = 0, units_max = 0;
  for (const LayerShape& layer : options.architecture.layers) {
    const double outputs = layer.outputs;
    parameters += outputs * layer.inputs + 4 * outputs;
    const double copies = layer.is_normalized ? 2 : 1;
    units_sum += copies * outputs;
    units_max = std::max(units_max, outputs);
  }
  const double activations = rows * (options.architecture.features() + units_sum + 2 * units_max);
  return sizeof(float) * (2 * parameters + activations);
}

void Network::Initialize(nn::Initialization initialization, Rng& rng) {
  for (Layer& layer : layers_) {
    layer.dense.Initialize(initialization, rng);
    if (layer.norm) layer.norm->Initialize();
    if (layer.bias) layer.bias->Initialize();
  }
}

MatrixView Network::Layer::Output(int rows) { return norm ? y.Rows(rows) : z.Rows(rows); }

MatrixView Network::ForwardTrain(int rows, Rng& rng) {
  ConstMatrixView x = Input(rows);
  MatrixView output;
  for (Layer& layer : layers_) {
    const MatrixView z = layer.z.Rows(rows);
    layer.dense.Forward(x, z);
    linalg::Dropout dropout;
    if (layer.dropout > 0) dropout = {rng.NextUint64(), layer.dropout};
    output = layer.Output(rows);
    if (layer.norm) {
      layer.norm->ForwardTrain(z, dropout, output);
    } else {
      layer.bias->Forward(z, dropout, output);
    }
    x = output;
  }
  return output;
}

void Network::Backward(MatrixView d_logits) {
  const int rows = d_logits.rows;
  MatrixView d = d_logits;
  for (size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    if (layer.norm) {
      layer.norm->Backward(d);
    } else {
      layer.bias->Backward(d);
    }
    if (l == 0) {
      layer.dense.BackwardWeights(Input(rows), d);
      return;
    }
    layer.dense.BackwardWeights(layers_[l - 1].Output(rows), d);
    const MatrixView d_x = d_[l % 2].As(rows, layer.dense.inputs());
    layer.dense.BackwardInput(d, d_x);
    d = d_x;
  }
}

void Network::set_dropout(float dropout) {
  options_.dropout = dropout;
  for (size_t l = 0; l + 1 < layers_.size(); ++l) layers_[l].dropout = dropout;
}

void Network::set_batches(int64_t batches) {
  for (Layer& layer : layers_) {
    if (layer.norm) layer.norm->set_batches(batches);
  }
}

}  // namespace caviar::train
