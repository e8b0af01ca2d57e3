// Time of a training step against the bare products it cannot do without.
//
//   ninja -C build/release bench_trainer_step && build/release/bin/bench_trainer_step [SECONDS]
//
// For each network (Dense -> BatchNorm -> ReLU, softmax cross-entropy, Adam; mini-batch gather
// included): steps a second, GFLOP/s of the products, and the ratio of the bare products' time to
// the step's (1 would be a step that is nothing but products). Step and products are measured in
// turns, and medians compared, because machines are shared. SECONDS (default 2) is for one network.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "worker/linalg/blas.h"
#include "worker/linalg/flush_denormals.h"
#include "worker/linalg/gemm.h"
#include "worker/nn/optimizer.h"
#include "worker/nn/softmax_cross_entropy.h"
#include "worker/train/mini_batches.h"
#include "worker/train/network.h"

namespace caviar {
namespace {

using linalg::Matrix;
using linalg::Transpose;

struct Config {
  const char* name;
  int features;
  std::vector<int> hidden;
  int classes;
  int batch;
};

inference::Architecture ArchitectureOf(const Config& config) {
  inference::Architecture architecture;
  const linalg::ActivationFunction relu{linalg::ActivationFunction::Kind::kRelu, 0};
  int inputs = config.features;
  for (const int units : config.hidden) {
    architecture.layers.push_back({inputs, units, true, relu, "hidden"});
    inputs = units;
  }
  architecture.layers.push_back({inputs, config.classes, false, {}, "output"});
  return architecture;
}

// Everything a step of a trial does.
class Step {
 public:
  explicit Step(const Config& config)
      : rows_(config.batch * 16),
        x_(static_cast<size_t>(rows_) * config.features),
        y_(rows_),
        network_({ArchitectureOf(config), 0.9f, 0.0f, config.batch}),
        optimizer_({}, network_.parameters().layout()),
        loss_({}, config.batch),
        rng_(1),
        batch_labels_(config.batch),
        batches_(MakePart(config), config.features, config.batch) {
    network_.Initialize(nn::Initialization::kHe, rng_);
    batches_.Shuffle(rng_);
  }

  void Run() {
    const int batch = next_++ % batches_.count();
    const int rows = batches_.rows(batch);
    batches_.Gather(batch, network_.Input(rows), batch_labels_);
    const linalg::MatrixView logits = network_.ForwardTrain(rows, rng_);
    loss_.LossAndGradient(logits, batch_labels_);
    network_.Backward(logits);
    optimizer_.Step(1e-3, 1.0, network_.parameters());
  }

 private:
  data::Dataset::Part MakePart(const Config& config) {
    for (float& v : x_) v = static_cast<float>(rng_.Normal());
    for (int32_t& v : y_) {
      v = static_cast<int32_t>(rng_.UniformInt(static_cast<uint32_t>(config.classes)));
    }
    return {rows_, x_, y_};
  }

  int rows_;
  std::vector<float> x_;
  std::vector<int32_t> y_;
  train::Network network_;
  nn::Optimizer optimizer_;
  nn::SoftmaxCrossEntropy loss_;
  Rng rng_;
  std::vector<int32_t> batch_labels_;
  train::MiniBatches batches_;
  int next_ = 0;
};

// The products of one step, on matrices of their own.
class Products {
 public:
  explicit Products(const Config& config) {
    for (const inference::LayerShape& shape : ArchitectureOf(config).layers) {
      layers_.push_back({Matrix(config.batch, shape.inputs), Matrix(shape.inputs, shape.outputs),
                         Matrix(config.batch, shape.outputs)});
      const double flops = 2.0 * config.batch * shape.inputs * shape.outputs;
      flops_ += (layers_.size() == 1 ? 2 : 3) * flops;
    }
  }

  void Run() {
    for (size_t l = 0; l < layers_.size(); ++l) {
      auto& [x, w, z] = layers_[l];
      Gemm(Transpose::kNo, x.view(), Transpose::kNo, w.view(), z.view());
      Gemm(Transpose::kYes, x.view(), Transpose::kNo, z.view(), w.view());
      if (l > 0) Gemm(Transpose::kNo, z.view(), Transpose::kYes, w.view(), x.view());
    }
  }

  double flops() const { return flops_; }

 private:
  struct Layer {
    Matrix x, w, z;
  };
  std::vector<Layer> layers_;
  double flops_ = 0;
};

template <typename Work>
double SecondsOf(Work& work, int runs) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < runs; ++i) work.Run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / runs;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void Measure(const Config& config, double seconds) {
  constexpr int kTurns = 21;
  Step step(config);
  Products products(config);
  step.Run();
  products.Run();
  const double once = SecondsOf(step, 3);
  const int runs = std::max(1, static_cast<int>(seconds / (2 * kTurns * once)));
  std::vector<double> step_times, product_times;
  for (int turn = 0; turn < kTurns; ++turn) {
    step_times.push_back(SecondsOf(step, runs));
    product_times.push_back(SecondsOf(products, runs));
  }
  const double step_time = Median(step_times), product_time = Median(product_times);
  std::printf("%-28s %9.1f %10.0f %9.1f %9.1f %7.2f\n", config.name, step_time * 1e6, 1 / step_time,
              product_time * 1e6, products.flops() / step_time * 1e-9, product_time / step_time);
}

int Main(int argc, char** argv) {
  const auto hardware = linalg::PrepareBlas(argc, argv);
  if (!hardware.ok()) {
    std::fprintf(stderr, "%s\n", hardware.status().ToString().c_str());
    return 1;
  }
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2.0;
  const linalg::FlushDenormals flush;
  std::printf("%s\n%-28s %9s %10s %9s %9s %7s\n", hardware->c_str(), "network", "us/step",
              "steps/s", "products", "GFLOP/s", "ratio");
  const std::vector<Config> configs = {
      {"a 64-[64,64]-10 b32", 64, {64, 64}, 10, 32},
      {"b 64-[128,128]-10 b64", 64, {128, 128}, 10, 64},
      {"c 784-[256,128]-10 b64", 784, {256, 128}, 10, 64},
      {"d 784-[1024,1024]-10 b256", 784, {1024, 1024}, 10, 256},
      {"e 100-[64]x6-5 b128", 100, {64, 64, 64, 64, 64, 64}, 5, 128},
  };
  for (const Config& config : configs) Measure(config, seconds);
  return 0;
}

}  // namespace
}  // namespace caviar

int main(int argc, char** argv) { return caviar::Main(argc, argv); }
