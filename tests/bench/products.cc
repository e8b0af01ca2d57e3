// The products of training by our own register tiles against OpenBLAS: where is which one faster?
// What TiledGemmIsFaster() says comes from here.
//
//   tests/bench/run.sh products
//   build/release/bin/bench_products [SIMD PATH]      by default the best path
//
// A row is a layer of so many inputs and outputs at a batch size, a column one of its three
// products: forward (x W), the weights' gradient (x^T dz) and the inputs' gradient (dz W^T). Both
// take turns on the same matrices; a cell gives the median GFLOP/s of ours and the median ratio.
// Seconds are of processor time.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "worker/linalg/blas.h"
#include "worker/linalg/machine_limits.h"
#include "worker/linalg/matrix.h"
#include "worker/linalg/openblas.h"
#include "worker/linalg/simd_path.h"
#include "worker/linalg/tiled_gemm.h"

namespace caviar::bench {
namespace {

using linalg::ConstMatrixView;
using linalg::MatrixView;

constexpr int kTurns = 15;
constexpr double kTurnFlops = 2e8;  // about a millisecond

struct Layer {
  int batch, inputs, outputs;
};

constexpr Layer kLayers[] = {
    {32, 64, 64},     {32, 64, 10},      {64, 64, 128},    {64, 128, 128},    {128, 64, 64},
    {128, 100, 64},   {128, 64, 5},      {64, 784, 256},   {64, 256, 128},    {128, 256, 256},
    {64, 512, 512},   {256, 512, 512},   {256, 784, 1024}, {256, 1024, 1024}, {256, 1024, 10},
    {128, 784, 4096}, {512, 2048, 2048},
};

struct Product {
  bool transpose_a, transpose_b;
  ConstMatrixView a, b;
  MatrixView c;

  int depth() const { return transpose_a ? a.rows : a.cols; }
  double flops() const { return 2.0 * c.rows * c.cols * depth(); }
  void ByTiles() const { linalg::TiledGemm(transpose_a, a, transpose_b, b, c); }
  void ByOpenBlas() const {
    linalg::Sgemm(transpose_a, transpose_b, c.rows, c.cols, depth(), a.data, a.stride, b.data,
                  b.stride, c.data, c.stride);
  }
};

double Seconds(int calls, const std::function<void()>& work) {
  const double start = linalg::ThreadSeconds();
  for (int i = 0; i < calls; ++i) work();
  return (linalg::ThreadSeconds() - start) / calls;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void PrintCell(const Product& product) {
  const int calls = std::max(1, static_cast<int>(kTurnFlops / product.flops()));
  product.ByTiles();
  product.ByOpenBlas();
  std::vector<double> ours, ratios;
  for (int turn = 0; turn < kTurns; ++turn) {
    ours.push_back(Seconds(calls, [&] { product.ByTiles(); }));
    ratios.push_back(Seconds(calls, [&] { product.ByOpenBlas(); }) / ours.back());
  }
  std::printf(" %6.1f, %.2f |", product.flops() / Median(ours) * 1e-9, Median(ratios));
}

void Fill(MatrixView matrix, Rng& rng) {
  for (int r = 0; r < matrix.rows; ++r) {
    for (int c = 0; c < matrix.cols; ++c) matrix.row(r)[c] = static_cast<float>(rng.Normal());
  }
}

void PrintRow(const Layer& layer) {
  const auto& [batch, inputs, outputs] = layer;
  Rng rng(1);
  linalg::Matrix x(batch, inputs), d_x(batch, inputs), z(batch, outputs), d_z(batch, outputs);
  // Weights are not padded.
  const size_t size = static_cast<size_t>(inputs) * static_cast<size_t>(outputs);
  linalg::FloatBuffer weights(size), gradient(size);
  const MatrixView w{weights.data(), inputs, outputs, outputs};
  const MatrixView d_w{gradient.data(), inputs, outputs, outputs};
  for (const MatrixView matrix : {x.view(), d_z.view(), w}) Fill(matrix, rng);
  std::printf("| %4d x %4d x %4d |", batch, inputs, outputs);
  PrintCell({false, false, x.view(), w, z.view()});
  PrintCell({true, false, x.view(), d_z.view(), d_w});
  PrintCell({false, true, d_z.view(), w, d_x.view()});
  std::printf("\n");
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  const auto hardware = linalg::PrepareBlas();
  absl::Status ready = hardware.status();
  if (ready.ok() && argc > 1) ready = linalg::UseSimdPath(argv[1]);
  if (!ready.ok()) {
    std::fprintf(stderr, "%s\n", std::string(ready.message()).c_str());
    return 1;
  }
  std::printf("%s, %.0f GFLOP/s multiply-add; GFLOP/s of ours, OpenBLAS's time by ours\n\n",
              linalg::DescribeHardware().c_str(), linalg::MultiplyAddGflops());
  std::printf("| batch x inputs x outputs | forward | weights' gradient | inputs' gradient |\n");
  std::printf("|---|---|---|---|\n");
  for (const Layer& layer : kLayers) PrintRow(layer);
  return 0;
}

}  // namespace
}  // namespace caviar::bench

int main(int argc, char** argv) { return caviar::bench::Main(argc, argv); }
