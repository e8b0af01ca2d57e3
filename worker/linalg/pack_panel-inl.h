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

#include "worker/linalg/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four rows of four floats become four columns.
HWY_INLINE void Transpose4x4(const float* from, size_t from_stride, float* HWY_RESTRICT to,
                             size_t to_stride) {
#if HWY_TARGET == HWY_SCALAR
  for (size_t i = 0; i < 16; ++i) to[i % 4 * to_stride + i / 4] = from[i / 4 * from_stride + i % 4];
#else
  const hn::FixedTag<float, 4> d;
  const auto r0 = hn::LoadU(d, from);
  const auto r1 = hn::LoadU(d, from + from_stride);
  const auto r2 = hn::LoadU(d, from + 2 * from_stride);
  const auto r3 = hn::LoadU(d, from + 3 * from_stride);
  const auto low02 = hn::InterleaveLower(d, r0, r2), high02 = hn::InterleaveUpper(d, r0, r2);
  const auto low13 = hn::InterleaveLower(d, r1, r3), high13 = hn::InterleaveUpper(d, r1, r3);
  hn::StoreU(hn::InterleaveLower(d, low02, low13), d, to);
  hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, to + to_stride);
  hn::StoreU(hn::InterleaveLower(d, high02, high13), d, to + 2 * to_stride);
  hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, to + 3 * to_stride);
#endif
}

// panel[p][j] = b[p][j] for j < width and 0 from there on; the panel's rows have `columns` floats,
// whole vectors, and start on a vector boundary.
HWY_INLINE void PackColumns(const float* b, size_t b_stride, size_t depth, size_t width,
                            size_t columns, float* HWY_RESTRICT panel) {
  const hn::CappedTag<float, kLanePadding> d;
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
  const size_t whole_depth = depth / 4 * 4;
  size_t j = 0;
  for (; j + 4 <= width; j += 4) {
    const float* const from = b + j * b_stride;
    for (size_t p = 0; p < whole_depth; p += 4) {
      Transpose4x4(from + p, b_stride, panel + p * columns + j, columns);
    }
    for (size_t p = whole_depth; p < depth; ++p) {
      for (size_t i = 0; i < 4; ++i) panel[p * columns + j + i] = from[i * b_stride + p];
    }
  }
  for (; j < columns; ++j) {
    for (size_t p = 0; p < depth; ++p) panel[p * columns + j] = j < width ? b[j * b_stride + p] : 0;
  }
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_PACK_PANEL_INL_H_
