// How much more two slots do than one: do trials on two cores get in each other's way?
//
//   tests/bench/run.sh slots
//   build/release/bin/bench_slots [SECONDS]      a row (default 4)
//
// A slot trains the same network, data of its own, on a thread of its own, as the worker's slots
// do. One slot alone and two at once take turns; a row gives the median and the quartiles of
//   (steps a second of both slots) / (steps a second of the one alone),
// of which 2 is the most. Seconds are of each thread's processor time, so that what is measured is
// shared caches, memory and clock, not other processes' turns.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "worker/linalg/blas.h"
#include "worker/linalg/machine_limits.h"
#include "worker/train/synthetic_training.h"

namespace caviar::bench {
namespace {

using train::SyntheticTraining;

constexpr double kTurnSeconds = 0.1;

// Steps a second of processor time. Goes on until the others have had their time too.
double Rate(SyntheticTraining& training, std::atomic<int>& unfinished) {
  const double start = linalg::ThreadSeconds();
  double now = start;
  int steps = 0;
  bool is_finished = false;
  while (!is_finished || unfinished.load() > 0) {
    training.Step();
    ++steps;
    now = linalg::ThreadSeconds();
    if (is_finished || now - start < kTurnSeconds) continue;
    is_finished = true;
    unfinished.fetch_sub(1);
  }
  return steps / (now - start);
}

double RateOfAll(const std::vector<SyntheticTraining*>& slots) {
  std::atomic<int> unfinished(static_cast<int>(slots.size()));
  std::vector<double> rates(slots.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < slots.size(); ++i) {
    threads.emplace_back([&, i] { rates[i] = Rate(*slots[i], unfinished); });
  }
  for (std::thread& thread : threads) thread.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

void Measure(const char* name, const SyntheticTraining::Settings& settings, double seconds) {
  SyntheticTraining one(settings), other(settings);
  const int turns = std::max(5, static_cast<int>(seconds / (2 * kTurnSeconds)));
  std::vector<double> ratios;
  for (int turn = 0; turn < turns; ++turn) {
    const double alone = RateOfAll({&one});
    ratios.push_back(RateOfAll({&one, &other}) / alone);
  }
  std::sort(ratios.begin(), ratios.end());
  const size_t last = ratios.size() - 1;
  std::printf("| %-30s | %.2f | %.2f - %.2f |\n", name, ratios[last / 2], ratios[last / 4],
              ratios[last - last / 4]);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  const auto hardware = linalg::PrepareBlas();
  if (!hardware.ok()) {
    std::fprintf(stderr, "%s\n", hardware.status().ToString().c_str());
    return 1;
  }
  const double seconds = argc > 1 ? std::atof(argv[1]) : 4.0;
  std::printf(
      "%s\n\n| network                        | two slots / one | quartiles |\n|---|---|---|\n",
      hardware->c_str());
  SyntheticTraining::Settings settings;
  Measure("a 64-[64,64]-10 batch 32", settings, seconds);
  settings.features = 784;
  settings.hidden = {256, 128};
  settings.batch = 64;
  Measure("c 784-[256,128]-10 batch 64", settings, seconds);
  settings.hidden = {1024, 1024};
  settings.batch = 256;
  Measure("d 784-[1024,1024]-10 batch 256", settings, seconds);
  return 0;
}

}  // namespace
}  // namespace caviar::bench

int main(int argc, char** argv) { return caviar::bench::Main(argc, argv); }
