#include "worker/linalg/machine_limits.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/machine_limits.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "worker/linalg/float_buffer.h"
#include "worker/linalg/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

// Operations of `rounds` rounds of independent multiply-adds. Twelve: enough for any latency, and
// few enough for sixteen registers.
double MultiplyAddsImpl(int rounds, float* sink) {
  constexpr int kChains = 12;
  const F32 d;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 1e-3f);
  V32 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = hn::Set(d, static_cast<float>(i));
  for (int round = 0; round < rounds; ++round) {
    HWY_UNROLL(12)
    for (int i = 0; i < kChains; ++i) sums[i] = hn::MulAdd(sums[i], factor, term);
  }
  auto total = sums[0];
  HWY_UNROLL(12)
  for (int i = 1; i < kChains; ++i) total = hn::Add(total, sums[i]);
  *sink = hn::GetLane(hn::SumOfLanes(d, total));
  return 2.0 * static_cast<double>(hn::Lanes(d)) * kChains * rounds;
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(MultiplyAddsImpl);

double ThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double MultiplyAddGflops() {
  volatile float kept;
  float sink = 0;
  double operations = 0;
  const double start = ThreadSeconds();
  double now = start;
  do {
    operations += HWY_DYNAMIC_DISPATCH(MultiplyAddsImpl)(20000, &sink);
    kept = sink;
    now = ThreadSeconds();
  } while (now - start < 1e-3);
  static_cast<void>(kept);
  return operations / (now - start) * 1e-9;
}

MemoryCopy::MemoryCopy(size_t bytes)
    : from_(std::max<size_t>(PaddedSize(bytes / sizeof(float)), kLanePadding)), to_(from_.size()) {}

double MemoryCopy::GigabytesPerSecond() {
  const size_t bytes = from_.size() * sizeof(float);
  std::memcpy(to_.data(), from_.data(), bytes);
  double copied = 0;
  const double start = ThreadSeconds();
  double now = start;
  do {
    // Several a reading of the clock, which is not free; back and forth, so that none is left out.
    for (int i = 0; i < 4; ++i) {
      std::memcpy(to_.data(), from_.data(), bytes);
      asm volatile("" : : "r"(to_.data()) : "memory");
      std::swap(from_, to_);
    }
    copied += 4.0 * 2.0 * static_cast<double>(bytes);
    now = ThreadSeconds();
  } while (now - start < 1e-3);
  return copied / (now - start) * 1e-9;
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
