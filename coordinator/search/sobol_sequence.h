// A scrambled Sobol sequence: random looking points that fill the unit cube evenly.
//
// Owen's nested uniform scrambling (Owen 1995, "Randomly permuted (t,m,s)-nets and
// (t,s)-sequences"): bit b of a coordinate is flipped by a hash of the bits above it, so that every
// elementary interval stays as full as it was. Unscrambled points are boost::random::sobol's
// (direction numbers of Joe and Kuo) with the zero vector, which Boost skips, at index 0: without
// it no power of two of points would be balanced.
//
// Threads:     pure.
// Determinism: a function of its arguments; the same bits on every machine.
#ifndef CAVIAR_COORDINATOR_SEARCH_SOBOL_SEQUENCE_H_
#define CAVIAR_COORDINATOR_SEARCH_SOBOL_SEQUENCE_H_

#include <cstdint>
#include <span>
#include <vector>

namespace caviar::search {

// Most dimensions there are direction numbers for.
inline constexpr int kSobolDimensionsMax = 3667;

// Point `index` of the plain sequence as 32-bit fractions, most significant bit first.
// Requires: dimensions <= kSobolDimensionsMax. O(32 dimensions).
std::vector<uint32_t> SobolBits(int dimensions, uint32_t index);

// `bits` scrambled by `seed`.
uint32_t OwenScramble(uint32_t bits, uint64_t seed);

// Point `index` scrambled, one seed a dimension; each coordinate in (0, 1).
std::vector<double> ScrambledSobolPoint(std::span<const uint64_t> dimension_seeds, uint32_t index);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_SOBOL_SEQUENCE_H_
