// Copies columns of op(b) into a panel, where the rows that a register tile reads lie one after the
// other: it then stays in the first-level cache, however far apart the matrix's rows are. Included
// again for each SIMD target by hwy/foreach_target.h.
#if defined(CAVIAR_WORKER_LINALG_PACK_PANEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CAVIAR_WORKER_LINALG_PACK_PANEL_INL_H_
#undef CAVIAR_WORKER_LINALG_PACK_PANEL_INL_H_
#else
#define CAVIAR_WORKER_LINALG_PACK_PANEL_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "worker/linalg/lanes-inl.h"
#include "worker/linalg/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
// As many rows of four floats as a vector has lanes become four rows of a vector each. A step of
// 64-[128,128]-10 is 1.02 times as fast as with four rows at a time.
template <class D>
HWY_INLINE void TransposeFourColumns(D d, const float* from, size_t from_stride,
                                     float* HWY_RESTRICT to, size_t to_stride) {
  // Block b of v[i] is row 4 b + i; interleaving keeps to blocks, of four floats.
  hn::Vec<D> v[4];
  for (size_t i = 0; i < 4; ++i) {
    v[i] = hn::LoadDup128(d, from + i * from_stride);
    for (size_t row = 4; row < hn::MaxLanes(d); row += 4) {
      const auto block = hn::LoadDup128(d, from + (row + i) * from_stride);
      v[i] = hn::IfThenElse(hn::FirstN(d, row), v[i], block);
    }
  }
  const auto low02 = hn::InterleaveLower(d, v[0], v[2]);
  const auto low13 = hn::InterleaveLower(d, v[1], v[3]);
  const auto high02 = hn::InterleaveUpper(d, v[0], v[2]);
  const auto high13 = hn::InterleaveUpper(d, v[1], v[3]);
  hn::StoreU(hn::InterleaveLower(d, low02, low13), d, to);
  hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, to + to_stride);
  hn::StoreU(hn::InterleaveLower(d, high02, high13), d, to + 2 * to_stride);
  hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, to + 3 * to_stride);
}
#endif

// Packs as many rows of b as a vector has lanes, as the panel's columns.
template <class D>
HWY_INLINE void PackSomeRows(D d, const float* b, size_t b_stride, size_t depth, size_t columns,
                             float* HWY_RESTRICT panel) {
  size_t p = 0;
#if HWY_TARGET != HWY_SCALAR
  for (; p + 4 <= depth; p += 4) {
    TransposeFourColumns(d, b + p, b_stride, panel + p * columns, columns);
  }
#endif
  for (; p < depth; ++p) {
    for (size_t i = 0; i < hn::MaxLanes(d); ++i) panel[p * columns + i] = b[i * b_stride + p];
  }
}

// panel[p][j] = b[p][j] for j < width and 0 from there on; the panel's rows have `columns` floats,
// whole vectors, and start on a vector boundary.
HWY_INLINE void PackColumns(const float* b, size_t b_stride, size_t depth, size_t width,
                            size_t columns, float* HWY_RESTRICT panel) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  // Whole vectors may be read wherever the matrix goes on behind them.
  const size_t readable = depth == 0 ? 0 : (depth - 1) * b_stride + width;
  const size_t whole = width / lanes * lanes;
  const auto rest = hn::FirstN(d, width - whole);
  size_t p = 0;
  for (; p < depth && p * b_stride + columns <= readable; ++p, panel += columns) {
    const float* const row = b + p * b_stride;
    size_t j = 0;
    for (; j < whole; j += lanes) hn::Store(hn::LoadU(d, row + j), d, panel + j);
    if (j < columns) hn::Store(hn::IfThenElseZero(rest, hn::LoadU(d, row + j)), d, panel + j);
    for (j += lanes; j < columns; j += lanes) hn::Store(hn::Zero(d), d, panel + j);
  }
  for (; p < depth; ++p, panel += columns) {
    for (size_t j = 0; j < columns; ++j) panel[j] = j < width ? b[p * b_stride + j] : 0.0f;
  }
}

// The same of b's transpose: panel[p][j] = b[j][p].
HWY_INLINE void PackRows(const float* b, size_t b_stride, size_t depth, size_t width,
                         size_t columns, float* HWY_RESTRICT panel) {
  size_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    PackSomeRows(F32(), b + j * b_stride, b_stride, depth, columns, panel + j);
  }
  const hn::CappedTag<float, 4> few;
  for (; j + hn::MaxLanes(few) <= width; j += hn::MaxLanes(few)) {
    PackSomeRows(few, b + j * b_stride, b_stride, depth, columns, panel + j);
  }
  for (; j < columns; ++j) {
    for (size_t p = 0; p < depth; ++p) panel[p * columns + j] = j < width ? b[j * b_stride + p] : 0;
  }
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_PACK_PANEL_INL_H_
