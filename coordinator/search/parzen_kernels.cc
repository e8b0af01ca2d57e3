#include "coordinator/search/parzen_kernels.h"

#include <bit>
#include <cmath>

#include "coordinator/search/fast_exp.h"

// Each loop is written once, for compilers to turn into the vector instructions of whoever it is
// inlined into. AVX2 takes two thirds of the time of plain x86-64; AVX-512 gains nothing on that.
#define CAVIAR_LOOP [[gnu::always_inline]] inline

namespace caviar::search {
namespace {

constexpr int kLanes = 8;  // sums at once

CAVIAR_LOOP void AddRow(const ParzenRow& terms, ParzenRow& exponents) {
  for (int k = 0; k < kParzenBlock; ++k) exponents[k] += terms[k];
}

CAVIAR_LOOP void SubtractSquares(const ParzenRow& means, std::span<const float> x,
                                 std::span<ParzenRow> exponents) {
  for (size_t c = 0; c < x.size(); ++c) {
    ParzenRow& row = exponents[c];
    for (int k = 0; k < kParzenBlock; ++k) {
      const float z = x[c] - means[k];
      row[k] -= z * z;
    }
  }
}

// By bits, because a comparison would be a branch.
CAVIAR_LOOP void SubtractSquaresWhereAny(const ParzenGaps& kernels, std::span<const float> x,
                                         std::span<const float> without,
                                         std::span<ParzenRow> exponents) {
  for (size_t c = 0; c < x.size(); ++c) {
    if (std::isnan(x[c])) continue;
    const auto else_bits = std::bit_cast<int32_t>(without[c]);
    ParzenRow& row = exponents[c];
    for (int k = 0; k < kParzenBlock; ++k) {
      const float z = x[c] - kernels.means[k];
      const auto bits = std::bit_cast<int32_t>(-z * z - kernels.masses[k]);
      row[k] += std::bit_cast<float>((bits & kernels.has[k]) | (else_bits & ~kernels.has[k]));
    }
  }
}

CAVIAR_LOOP void AddTerms(std::span<const ParzenRow> terms, std::span<const int> term_of,
                          std::span<ParzenRow> exponents) {
  for (size_t c = 0; c < term_of.size(); ++c) {
    if (term_of[c] >= 0) AddRow(terms[term_of[c]], exponents[c]);
  }
}

CAVIAR_LOOP void AddWeightedSums(const ParzenRow& shared, const ParzenRow& weights,
                                 std::span<ParzenRow> exponents, std::span<double> sums) {
  for (size_t c = 0; c < sums.size(); ++c) {
    ParzenRow& row = exponents[c];
    AddRow(shared, row);
    for (int k = 0; k < kParzenBlock; ++k) row[k] = weights[k] * FastExp(row[k]);
    std::array<float, kLanes> lanes{};
    for (int k = 0; k < kParzenBlock; k += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) lanes[lane] += row[k + lane];
    }
    double sum = 0;
    for (const float lane : lanes) sum += lane;
    sums[c] += sum;
  }
}

// A lambda can carry the attribute that names the instructions, which a template cannot.
#define CAVIAR_PARZEN_KERNELS(target)                                                            \
  ParzenKernels {                                                                                \
    [](const ParzenRow& means, std::span<const float> x, std::span<ParzenRow> exponents)         \
        target { SubtractSquares(means, x, exponents); },                                        \
        [](const ParzenGaps& kernels, std::span<const float> x, std::span<const float> without,  \
           std::span<ParzenRow> exponents)                                                       \
            target { SubtractSquaresWhereAny(kernels, x, without, exponents); },                 \
        [](std::span<const ParzenRow> terms, std::span<const int> term_of,                       \
           std::span<ParzenRow> exponents) target { AddTerms(terms, term_of, exponents); },      \
        [](const ParzenRow& shared, const ParzenRow& weights, std::span<ParzenRow> exponents,    \
           std::span<double> sums) target { AddWeightedSums(shared, weights, exponents, sums); } \
  }
#define CAVIAR_ANY_CPU

const ParzenKernels kPaths[] = {
#if defined(__x86_64__)
    CAVIAR_PARZEN_KERNELS(__attribute__((target("avx2")))),
#endif
    CAVIAR_PARZEN_KERNELS(CAVIAR_ANY_CPU),
};

size_t SkippedPaths() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") ? 0 : 1;
#else
  return 0;
#endif
}

}  // namespace

std::span<const ParzenKernels> ParzenPaths() {
  static const size_t skipped = SkippedPaths();
  return std::span(kPaths).subspan(skipped);
}

}  // namespace caviar::search
