// e^x in single precision, written so that compilers turn a loop over it into vector instructions.
//
// Threads:     pure.
// Determinism: the same bits on every machine: plain arithmetic, no library.
#ifndef CAVIAR_COORDINATOR_SEARCH_FAST_EXP_H_
#define CAVIAR_COORDINATOR_SEARCH_FAST_EXP_H_

#include <bit>
#include <cstdint>

namespace caviar::search {

// To a relative error of 2e-7; below -87, where floats end, as at -87. Requires: x <= 1.
inline float FastExp(float x) {
  // x = n ln 2 + r, by adding a number so large that the sum has no places after the point.
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23
  constexpr int32_t kRoundBits = 0x4B400000;
  x = x < -87.0f ? -87.0f : x;
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
  const int32_t exponent = std::bit_cast<int32_t>(shifted) - kRoundBits;
  return fraction * std::bit_cast<float>((exponent + 127) << 23);
}

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_FAST_EXP_H_
