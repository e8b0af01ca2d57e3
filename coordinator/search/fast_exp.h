// e^x in single precision, written so that compilers turn a loop over it into vector instructions.
//
// Threads:     pure.
// Determinism: the same bits on every machine: plain arithmetic, no library.
#ifndef CAVIAR_COORDINATOR_SEARCH_FAST_EXP_H_
#define CAVIAR_COORDINATOR_SEARCH_FAST_EXP_H_

#include <bit>
#include <cstdint>

namespace caviar::search {

// To a relative error of 2e-7 down to -87, where floats end; 0 below. Requires: -2.5e6 <= x <= 1,
// so that the rounding holds. (A bound by comparison would be a branch, and no vector code.)
inline float FastExp(float x) {
  // x = n ln 2 + r, by adding a number so large that the sum has no places after the point.
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23
  constexpr int32_t kRoundBits = 0x4B400000;
  const float shifted = x * 1.44269504f + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  float series = 1.9875691500e-4f;                              // of (e^r - 1 - r) / r^2
  series = series * r + 1.3981999507e-3f;
  series = series * r + 8.3334519073e-3f;
  series = series * r + 4.1665795894e-2f;
  series = series * r + 1.6666665459e-1f;
  series = series * r + 5.0000001201e-1f;
  const float fraction = series * r * r + r + 1.0f;
  const int32_t biased = std::bit_cast<int32_t>(shifted) - kRoundBits + 127;
  return fraction * std::bit_cast<float>((biased & ~(biased >> 31)) << 23);
}

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_FAST_EXP_H_
