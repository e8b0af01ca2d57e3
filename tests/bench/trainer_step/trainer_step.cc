// Time of a training step against PyTorch's and against what the machine can do.
//
//   tests/bench/run.sh trainer
//   build/release/bin/bench_trainer_step [SECONDS]      seconds of each side a row (default 3)
//
// Both sides train the same network, mini-batch gather included, on one core with one BLAS thread,
// in turns: a block of ours, a block of PyTorch's, again and again. A row gives the medians of
// their times, the median and the quartiles of the ratios of neighbouring blocks, and the roofline:
// the time that the products need at the multiply-add peak plus the time that the bytes need at the
// speed of a copy of the same size, both measured between the blocks. Times are processor time, so
// that other processes' turns do not count.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/status/status_macros.h"
#include "tests/bench/trainer_step/torch_peer.h"
#include "worker/linalg/blas.h"
#include "worker/linalg/machine_limits.h"
#include "worker/train/synthetic_training.h"

namespace caviar::bench {
namespace {

using train::SyntheticTraining;
using Settings = SyntheticTraining::Settings;
using Activation = linalg::ActivationFunction::Kind;
using Optimizer = nn::Optimizer::Kind;

struct Row {
  const char* name;
  Settings settings;
};

std::vector<Row> Networks() {
  const auto network = [](int features, std::vector<int> hidden, int classes, int batch) {
    Settings settings;
    settings.features = features;
    settings.hidden = std::move(hidden);
    settings.classes = classes;
    settings.batch = batch;
    return settings;
  };
  return {{"a 64-[64,64]-10 batch 32", network(64, {64, 64}, 10, 32)},
          {"b 64-[128,128]-10 batch 64", network(64, {128, 128}, 10, 64)},
          {"c 784-[256,128]-10 batch 64", network(784, {256, 128}, 10, 64)},
          {"d 784-[1024,1024]-10 batch 256", network(784, {1024, 1024}, 10, 256)},
          {"e 100-[64]x6-5 batch 128", network(100, {64, 64, 64, 64, 64, 64}, 5, 128)}};
}

// Network b with one thing changed at a time.
std::vector<Row> Variants() {
  const Settings plain = Networks()[1].settings;
  std::vector<Row> rows;
  const auto add = [&rows, &plain](const char* name) -> Settings& {
    rows.push_back({name, plain});
    return rows.back().settings;
  };
  add("b, gradient_descent").optimizer = Optimizer::kGradientDescent;
  add("b, momentum").optimizer = Optimizer::kMomentum;
  add("b, nesterov").optimizer = Optimizer::kNesterov;
  add("b, rmsprop").optimizer = Optimizer::kRmsprop;
  add("b, adamw").optimizer = Optimizer::kAdamW;
  add("b, leaky_relu").activation.kind = Activation::kLeakyRelu;
  add("b, tanh").activation.kind = Activation::kTanh;
  add("b, sigmoid").activation.kind = Activation::kSigmoid;
  add("b, dropout 0.3").dropout = 0.3f;
  add("b, no batch norm").batch_norm = false;
  return rows;
}

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

double SecondsOfAStep(SyntheticTraining& training, int steps) {
  const double start = linalg::ThreadSeconds();
  for (int i = 0; i < steps; ++i) training.Step();
  return (linalg::ThreadSeconds() - start) / steps;
}

double RooflineSeconds(const SyntheticTraining& training, linalg::MemoryCopy& copy) {
  return training.flops() / (1e9 * linalg::MultiplyAddGflops()) +
         training.bytes() / (1e9 * copy.GigabytesPerSecond());
}

// `torch` may be null.
absl::Status Measure(const Row& row, double seconds, TorchPeer* torch) {
  constexpr double kBlockSeconds = 0.05;
  // The first step of a block finds the caches as the other side left them.
  constexpr int kBlockSteps = 8;
  SyntheticTraining training(row.settings);
  linalg::MemoryCopy copy(static_cast<size_t>(training.bytes() / 2));
  SecondsOfAStep(training, 2);
  const int our_steps =
      std::max(kBlockSteps, static_cast<int>(kBlockSeconds / SecondsOfAStep(training, 3)));
  int torch_steps = 0;
  if (torch != nullptr) {
    CAVIAR_RETURN_IF_ERROR(torch->Make(row.settings));
    CAVIAR_RETURN_IF_ERROR(torch->SecondsOfAStep(3).status());
    CAVIAR_ASSIGN_OR_RETURN(const double once, torch->SecondsOfAStep(3));
    torch_steps = std::max(kBlockSteps, static_cast<int>(kBlockSeconds / once));
  }
  const int turns = std::max(5, static_cast<int>(seconds / kBlockSeconds));
  std::vector<double> ours, theirs, ratios, rooflines;
  for (int turn = 0; turn < turns; ++turn) {
    ours.push_back(SecondsOfAStep(training, our_steps));
    rooflines.push_back(RooflineSeconds(training, copy));
    if (torch == nullptr) continue;
    CAVIAR_ASSIGN_OR_RETURN(const double their_seconds, torch->SecondsOfAStep(torch_steps));
    theirs.push_back(their_seconds);
    ratios.push_back(their_seconds / ours.back());
  }
  const double our_time = Quantile(ours, 0.5), roofline = Quantile(rooflines, 0.5);
  std::printf("| %-30s | %8.1f | %7.1f |", row.name, our_time * 1e6,
              training.flops() / our_time * 1e-9);
  if (ratios.empty()) {
    std::printf("        - |     - |             - |");
  } else {
    std::printf(" %8.0f | %5.1f | %5.1f - %5.1f |", Quantile(theirs, 0.5) * 1e6,
                Quantile(ratios, 0.5), Quantile(ratios, 0.25), Quantile(ratios, 0.75));
  }
  std::printf(" %8.1f | %4.0f %% |\n", roofline * 1e6, 100 * roofline / our_time);
  std::fflush(stdout);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  const auto hardware = linalg::PrepareBlas();
  if (!hardware.ok()) {
    std::fprintf(stderr, "%s\n", hardware.status().ToString().c_str());
    return 1;
  }
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3.0;
  auto torch = TorchPeer::Start();
  if (!torch.ok()) std::fprintf(stderr, "Without PyTorch there are no ratios to it.\n");
  std::printf("%s, %.0f GFLOP/s multiply-add; %s\n\n", hardware->c_str(),
              linalg::MultiplyAddGflops(), torch.ok() ? (*torch)->version().c_str() : "no PyTorch");
  std::printf(
      "| network                        |  us/step | GFLOP/s | torch us | ratio |     quartiles |"
      " roofline | reached |\n|---|---|---|---|---|---|---|---|\n");
  for (const auto& rows : {Networks(), Variants()}) {
    for (const Row& row : rows) {
      const absl::Status status = Measure(row, seconds, torch.ok() ? torch->get() : nullptr);
      if (status.ok()) continue;
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace caviar::bench

int main(int argc, char** argv) { return caviar::bench::Main(argc, argv); }
