// Sums down the columns of a matrix, one strip of vectors at a time: the heart of every column
// kernel. Included again for each SIMD target by hwy/foreach_target.h.
//
// Floats are added up over at most kChunkRows rows and then into doubles, so that a sum over a
// million rows is as exact as one over a few, at the speed of float. The order is fixed.
#if defined(CAVIAR_WORKER_LINALG_COLUMN_STRIP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CAVIAR_WORKER_LINALG_COLUMN_STRIP_INL_H_
#undef CAVIAR_WORKER_LINALG_COLUMN_STRIP_INL_H_
#else
#define CAVIAR_WORKER_LINALG_COLUMN_STRIP_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "worker/linalg/float_buffer.h"
#include "worker/linalg/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

inline constexpr int kChunkRows = 64;
// Vectors side by side: enough independent sums to hide the latency of an addition.
inline constexpr size_t kStripVectors = 4;

// Calls body.template Run<vectors>(first_column) for strips that cover [0, PaddedSize(cols)).
template <class Body>
HWY_INLINE void ForEachStrip(int cols, Body& body) {
  const size_t end = PaddedSize(cols);
  size_t column = 0;
  for (; column + kStripVectors * kLanes <= end; column += kStripVectors * kLanes) {
    body.template Run<kStripVectors>(column);
  }
  for (; column < end; column += kLanes) body.template Run<1>(column);
}

// totals[column] += sum over `rows` rows of term(row, column), for kVectors vectors.
// `Term` offers V32 operator()(int row, size_t vector) const.
template <size_t kVectors, class Term>
HWY_INLINE void SumDownRows(int rows, const Term& term, double* HWY_RESTRICT totals) {
  const F32 d;
  for (int first = 0; first < rows; first += kChunkRows) {
    V32 sums[kVectors];
    for (size_t v = 0; v < kVectors; ++v) sums[v] = hn::Zero(d);
    const int last = std::min(rows, first + kChunkRows);
    for (int r = first; r < last; ++r) {
      for (size_t v = 0; v < kVectors; ++v) sums[v] = hn::Add(sums[v], term(r, v));
    }
    HWY_ALIGN float lanes[kVectors * kLanes];
    for (size_t v = 0; v < kVectors; ++v) hn::Store(sums[v], d, lanes + v * kLanes);
    for (size_t i = 0; i < kVectors * kLanes; ++i) totals[i] += static_cast<double>(lanes[i]);
  }
}

// Rounds the totals of columns [column, column + width) into `out`, leaving out those from `cols`
// on: the padding of gradients stays zero, because their norm is taken over whole vectors.
HWY_INLINE void StoreTotals(const double* totals, size_t column, size_t width, int cols,
                            float* out) {
  const size_t last = std::min(column + width, static_cast<size_t>(cols));
  for (size_t c = column; c < last; ++c) out[c] = static_cast<float>(totals[c - column]);
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_COLUMN_STRIP_INL_H_
