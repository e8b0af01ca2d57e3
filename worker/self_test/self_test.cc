#include "worker/self_test/self_test.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "worker/linalg/blas.h"
#include "worker/linalg/flush_denormals.h"
#include "worker/linalg/gemm.h"
#include "worker/linalg/machine_limits.h"
#include "worker/linalg/openblas.h"
#include "worker/linalg/simd_path.h"
#include "worker/self_test/hazards.h"
#include "worker/train/synthetic_training.h"

namespace caviar::self_test {
namespace {

using linalg::Matrix;
using linalg::Transpose;
using train::SyntheticTraining;

constexpr int kTurns = 7;              // of each measurement, of which the median counts
constexpr double kTurnSeconds = 0.02;  // at least

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Seconds of one call of `work`.
double MedianSeconds(const std::function<void()>& work) {
  work();
  std::vector<double> seconds;
  for (int turn = 0; turn < kTurns; ++turn) {
    const double start = linalg::ThreadSeconds();
    double now = start;
    int calls = 0;
    do {
      work();
      ++calls;
      now = linalg::ThreadSeconds();
    } while (now - start < kTurnSeconds);
    seconds.push_back((now - start) / calls);
  }
  return Median(std::move(seconds));
}

Matrix Filled(int rows, int cols) {
  Matrix matrix(rows, cols);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < cols; ++c) {
      matrix.view().row(r)[c] = 0.01f * static_cast<float>((r * 7 + c * 3) % 11 - 5);
    }
  }
  return matrix;
}

double ProductGflops(int rows, int depth, int columns) {
  Matrix a = Filled(rows, depth), b = Filled(depth, columns), c(rows, columns);
  const double seconds =
      MedianSeconds([&] { Gemm(Transpose::kNo, a.view(), Transpose::kNo, b.view(), c.view()); });
  return 2e-9 * rows * depth * columns / seconds;
}

// By OpenBLAS, whose builds without threads fail this.
bool ThreadsAgree() {
  constexpr int kSize = 160, kRounds = 20;
  Matrix a = Filled(kSize, kSize), b = Filled(kSize, kSize), expected(kSize, kSize);
  const auto multiply = [&a, &b](linalg::MatrixView c) {
    linalg::Sgemm(false, false, kSize, kSize, kSize, a.view().data, a.view().stride, b.view().data,
                  b.view().stride, c.data, c.stride);
  };
  multiply(expected.view());
  const auto agrees = [&](bool* agree) {
    Matrix c(kSize, kSize);
    for (int round = 0; round < kRounds; ++round) {
      multiply(c.view());
      for (int r = 0; r < kSize; ++r) {
        *agree = *agree &&
                 std::memcmp(c.view().row(r), expected.view().row(r), kSize * sizeof(float)) == 0;
      }
    }
  };
  bool here = true, there = true;
  std::thread other([&] { agrees(&there); });
  agrees(&here);
  other.join();
  return here && there;
}

bool FlushesDenormals() {
  const linalg::FlushDenormals flush;
  volatile float tiny = 1e-38f, tenth = 0.1f;
  return tiny * tenth == 0.0f;
}

MachineFacts FactsOf(const std::vector<double>& peaks) {
  MachineFacts facts;
  facts.simd_path = linalg::SimdPathInUse();
  facts.blas_core = linalg::OpenBlasCore();
  facts.blas_build = linalg::OpenBlasConfig();
  facts.blas_threads = linalg::OpenBlasThreads();
  facts.has_avx512 = linalg::CpuHasAvx512();
  const char* const core_type = std::getenv("OPENBLAS_CORETYPE");
  facts.core_type_is_empty = core_type != nullptr && *core_type == '\0';
  facts.flushes_denormals = FlushesDenormals();
  facts.threads_agree = ThreadsAgree();
  const auto [smallest, largest] = std::minmax_element(peaks.begin(), peaks.end());
  facts.peak_gflops = Median(peaks);
  facts.peak_spread = (*largest - *smallest) / facts.peak_gflops;
  return facts;
}

std::string ProductLine(int rows, int depth, int columns, double gflops, double peak) {
  return absl::StrFormat("product         %4d x %4d x %4d %8.1f GFLOP/s, %3.0f %% of the peak\n",
                         rows, depth, columns, gflops, 100 * gflops / peak);
}

std::string TrainingLine(int features, std::vector<int> hidden, int classes, int batch) {
  SyntheticTraining::Settings settings;
  settings.features = features;
  settings.hidden = std::move(hidden);
  settings.classes = classes;
  settings.batch = batch;
  SyntheticTraining training(settings);
  const double seconds = MedianSeconds([&training] { training.Step(); });
  const std::string network =
      absl::StrCat(features, "-[", absl::StrJoin(settings.hidden, ","), "]-", classes);
  return absl::StrFormat(
      "training step   %-18s batch %3d: %8.1f us, %7.0f steps/s, %6.1f GFLOP/s\n", network, batch,
      seconds * 1e6, 1 / seconds, training.flops() / seconds * 1e-9);
}

}  // namespace

std::string SelfTestReport(const std::string& hardware) {
  const linalg::FlushDenormals flush;
  std::vector<double> peaks;
  peaks.reserve(kTurns);
  for (int turn = 0; turn < kTurns; ++turn) peaks.push_back(linalg::MultiplyAddGflops());
  MachineFacts facts = FactsOf(peaks);

  std::string report = absl::StrCat(
      "machine         ", hardware, "\n", "cores           ", std::thread::hardware_concurrency(),
      "\n", "SIMD path       ", facts.simd_path, " of ", absl::StrJoin(linalg::SimdPaths(), ", "),
      "\n", "OpenBLAS        core ", facts.blas_core, ", threads a product: ", facts.blas_threads,
      " (", facts.blas_build, ")\n");
  absl::StrAppendFormat(
      &report, "peak            multiply-adds      %8.1f GFLOP/s, the most one core can do\n",
      facts.peak_gflops);
  for (const auto& [rows, depth, columns] :
       {std::tuple(64, 64, 64), std::tuple(64, 784, 256), std::tuple(256, 1024, 1024)}) {
    facts.large_product_gflops = ProductGflops(rows, depth, columns);
    report += ProductLine(rows, depth, columns, facts.large_product_gflops, facts.peak_gflops);
  }
  report += TrainingLine(64, {64, 64}, 10, 32);
  report += TrainingLine(64, {128, 128}, 10, 64);
  report += TrainingLine(784, {256, 128}, 10, 64);
  report += TrainingLine(784, {1024, 1024}, 10, 256);

  const std::vector<std::string> hazards = HazardsOf(facts);
  for (const std::string& hazard : hazards) absl::StrAppend(&report, "WARNING: ", hazard, "\n");
  if (hazards.empty()) report += "no known hazard found\n";
  return report;
}

}  // namespace caviar::self_test
