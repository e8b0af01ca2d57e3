#include "coordinator/search/sobol_sequence.h"

#include <boost/random/sobol.hpp>

#include "common/random/rng.h"
#include "common/status/check.h"

namespace caviar::search {

std::vector<uint32_t> SobolBits(int dimensions, uint32_t index) {
  CAVIAR_CHECK(dimensions <= kSobolDimensionsMax) << dimensions << " dimensions";
  std::vector<uint32_t> bits(dimensions, 0);
  if (index == 0 || dimensions == 0) return bits;
  boost::random::sobol_engine<uint32_t, 32> engine(dimensions);
  engine.seed(index - 1);
  engine.generate(bits.begin(), bits.end());
  return bits;
}

uint32_t OwenScramble(uint32_t bits, uint64_t seed) {
  uint32_t scrambled = 0;
  for (int bit = 31; bit >= 0; --bit) {
    // The bits above, with a one in front so that 01 and 001 are different nodes of the tree.
    const uint64_t node = (uint64_t{1} << (31 - bit)) | (uint64_t{bits} >> (bit + 1));
    const uint32_t flip = DeriveSeed(seed, node) & 1;
    scrambled |= (((bits >> bit) & 1) ^ flip) << bit;
  }
  return scrambled;
}

std::vector<double> ScrambledSobolPoint(std::span<const uint64_t> dimension_seeds, uint32_t index) {
  const std::vector<uint32_t> bits = SobolBits(static_cast<int>(dimension_seeds.size()), index);
  std::vector<double> point(bits.size());
  for (size_t i = 0; i < bits.size(); ++i) {
    point[i] = (OwenScramble(bits[i], dimension_seeds[i]) + 0.5) * 0x1.0p-32;
  }
  return point;
}

}  // namespace caviar::search
