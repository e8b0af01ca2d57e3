#include "common/random/rng.h"

#include <Random123/philox.h>
#include <xxhash.h>

#include <cmath>
#include <numbers>

#include "common/status/check.h"

namespace caviar {

Rng::Rng(const State& state) : key_(state.key), position_(state.position) { Refill(); }

void Rng::Refill() {
  const uint64_t block = position_ / 4;
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0, 0}};
  const r123::Philox4x32::key_type key = {
      {static_cast<uint32_t>(key_), static_cast<uint32_t>(key_ >> 32)}};
  const auto words = r123::Philox4x32()(counter, key);
  for (int i = 0; i < 4; ++i) block_[i] = words[i];
}

uint32_t Rng::NextUint32() {
  const uint32_t word = block_[position_ % 4];
  ++position_;
  if (position_ % 4 == 0) Refill();
  return word;
}

uint64_t Rng::NextUint64() {
  const uint64_t low = NextUint32();
  return low | (static_cast<uint64_t>(NextUint32()) << 32);
}

double Rng::Uniform() { return static_cast<double>(NextUint64() >> 11) * 0x1.0p-53; }

uint32_t Rng::UniformInt(uint32_t bound) {
  CAVIAR_CHECK(bound > 0);
  // Lemire 2019, "Fast random integer generation in an interval", arXiv:1805.10941.
  uint64_t product = static_cast<uint64_t>(NextUint32()) * bound;
  auto low = static_cast<uint32_t>(product);
  if (low < bound) {
    const uint32_t threshold = -bound % bound;
    while (low < threshold) {
      product = static_cast<uint64_t>(NextUint32()) * bound;
      low = static_cast<uint32_t>(product);
    }
  }
  return static_cast<uint32_t>(product >> 32);
}

double Rng::Normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * Uniform());
}

uint64_t DeriveSeed(uint64_t seed, uint64_t index) {
  return XXH3_64bits_withSeed(&index, sizeof(index), seed);
}

uint64_t DeriveSeed(uint64_t seed, absl::string_view name) {
  return XXH3_64bits_withSeed(name.data(), name.size(), seed);
}

}  // namespace caviar
