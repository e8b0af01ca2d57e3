// The inner loops of ParzenEstimator::LogDensity over one block of kernels, for all places.
//
// Threads:      pure.
// Shapes:       `exponents` has a row a place; columns are the block's kernels.
// Determinism:  the same bits on every path: none of them has a multiplication fused with an
//               addition, or another order of a sum.
#ifndef CAVIAR_COORDINATOR_SEARCH_PARZEN_KERNELS_H_
#define CAVIAR_COORDINATOR_SEARCH_PARZEN_KERNELS_H_

#include <array>
#include <cstdint>
#include <span>

namespace caviar::search {

inline constexpr int kParzenBlock = 128;
using ParzenRow = std::array<float, kParzenBlock>;

// What a block's kernels are along an axis that some lack.
struct ParzenGaps {
  ParzenRow means{};
  ParzenRow masses{};
  std::array<int32_t, kParzenBlock> has{};  // all ones where a kernel has the axis, else 0
};

// The loops on one SIMD path.
struct ParzenKernels {
  // exponents[c] -= (x[c] - means)^2.
  void (*subtract_squares)(const ParzenRow& means, std::span<const float> x,
                           std::span<ParzenRow> exponents);

  // Of places that have the axis (x[c] is a number): exponents[c] -= (x[c] - means)^2 + masses
  // where the kernel has it too, exponents[c] += without[c] where it does not.
  void (*subtract_squares_where_any)(const ParzenGaps& kernels, std::span<const float> x,
                                     std::span<const float> without,
                                     std::span<ParzenRow> exponents);

  // exponents[c] += terms[term_of[c]]; nothing where term_of[c] is negative.
  void (*add_terms)(std::span<const ParzenRow> terms, std::span<const int> term_of,
                    std::span<ParzenRow> exponents);

  // sums[c] += the sum of weights * e^(exponents[c] + shared). Changes the exponents.
  void (*add_weighted_sums)(const ParzenRow& shared, const ParzenRow& weights,
                            std::span<ParzenRow> exponents, std::span<double> sums);
};

// Of the paths that this CPU has, the best first.
std::span<const ParzenKernels> ParzenPaths();

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_PARZEN_KERNELS_H_
