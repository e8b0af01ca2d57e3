#include "worker/linalg/tiled_gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/tiled_gemm.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>

#include <algorithm>

#include "worker/linalg/pack_panel-inl.h"
#include "worker/linalg/register_tile-inl.h"

// Once for all targets.
#ifndef CAVIAR_WORKER_LINALG_TILED_GEMM_ONCE_
#define CAVIAR_WORKER_LINALG_TILED_GEMM_ONCE_
namespace caviar::linalg {

// Rows of a panel: 256 of 16 floats are half of a first-level cache.
inline constexpr size_t kDepthMax = 256;

struct GemmArguments {
  bool transpose_a, transpose_b;
  ConstMatrixView a, b;
  MatrixView c;
};

constexpr size_t CeilingOf(size_t dividend, size_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

}  // namespace caviar::linalg
#endif  // CAVIAR_WORKER_LINALG_TILED_GEMM_ONCE_

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

// Rows of op(b), in floats, up to which panels are read where they are instead of being copied
// first. On AVX2 half of a first-level cache: 1.1 times as fast at 32 x 64 x 64, no gain from 64 x
// 128 x 128 on. On AVX-512, whose tile asks for two vectors in twelve rounds, a quarter of a
// second-level cache: 1.25 times as fast at 64 x 128 x 128, 1.05 at 128 x 256 x 256, none from
// 64 x 512 x 512 on.
inline constexpr size_t kDirectMax = HWY_TARGET == HWY_AVX3 ? 65536 : 4096;

// One panel's part of the product: `width` columns of c get (or gain) rows of op(a) times `panel`.
struct PanelProduct {
  const float* panel;
  size_t panel_stride;
  size_t depth;
  size_t width;
  bool add;

  // `tiles` tiles of kRows rows.
  template <int kRows, class Order>
  HWY_INLINE void Multiply(size_t tiles, Order a, float* c, size_t c_stride) const {
    if (width == kPanelColumns) {
      return MultiplyTiles<kRows, kTileVectors, false>(tiles, a, panel, panel_stride, depth, 0, add,
                                                       c, c_stride);
    }
    if constexpr (kMasksAreFree) {
      if (width <= kLanes) {
        return MultiplyTiles<kRows, 1, true>(tiles, a, panel, panel_stride, depth, width, add, c,
                                             c_stride);
      }
      return MultiplyTiles<kRows, kTileVectors, true>(tiles, a, panel, panel_stride, depth,
                                                      width - kLanes, add, c, c_stride);
    }
    // c ends before the tile does: by way of a tile in memory.
    HWY_ALIGN float tile[kRows * kPanelColumns];
    for (; tiles > 0; --tiles, a = a.From(kRows, 0)) {
      if (width <= kLanes) {
        MultiplyTiles<kRows, 1, false>(1, a, panel, panel_stride, depth, 0, false, tile,
                                       kPanelColumns);
      } else {
        MultiplyTiles<kRows, kTileVectors, false>(1, a, panel, panel_stride, depth, 0, false, tile,
                                                  kPanelColumns);
      }
      for (size_t r = 0; r < kRows; ++r, c += c_stride) StoreRow(tile + r * kPanelColumns, c);
    }
  }

  HWY_INLINE void StoreRow(const float* HWY_RESTRICT from, float* HWY_RESTRICT c) const {
    const hn::CappedTag<float, 4> d;
    size_t i = 0;
    for (; i + hn::Lanes(d) <= width; i += hn::Lanes(d)) {
      const auto sum = hn::LoadU(d, from + i);
      hn::StoreU(add ? hn::Add(hn::LoadU(d, c + i), sum) : sum, d, c + i);
    }
    for (; i < width; ++i) c[i] = add ? c[i] + from[i] : from[i];
  }

  // The height of tiles is known when they are compiled; most have kTileRows or one less.
  template <int kRows = kTileRows, class Order>
  HWY_INLINE void MultiplyRows(size_t rows, size_t tiles, Order a, float* c,
                               size_t c_stride) const {
    if constexpr (kRows > 1) {
      if (rows < kRows) return MultiplyRows<kRows - 1>(rows, tiles, a, c, c_stride);
    }
    Multiply<kRows>(tiles, a, c, c_stride);
  }

  // All rows, in tiles of nearly equal height: a last tile of one row would run at a fraction of
  // the speed.
  template <class Order>
  HWY_INLINE void MultiplyAll(size_t rows, Order a, float* c, size_t c_stride) const {
    const size_t tiles = CeilingOf(rows, kTileRows);
    const size_t height = rows / tiles, taller = rows % tiles;
    const size_t row = taller * (height + 1);
    if (taller > 0) MultiplyRows(height + 1, taller, a, c, c_stride);
    MultiplyRows(height, tiles - taller, a.From(row, 0), c + row * c_stride, c_stride);
  }
};

// Rows [first, first + depth) of op(b), `width` columns of it from `column` on: where they are if
// that will do, or else copied to `scratch`.
HWY_INLINE PanelProduct MakePanel(const GemmArguments& in, size_t first, size_t depth,
                                  size_t column, size_t width, float* scratch) {
  const size_t stride = static_cast<size_t>(in.b.stride);
  if (in.transpose_b) {
    PackRows(in.b.data + column * stride + first, stride, depth, width, kPanelColumns, scratch);
    return {scratch, kPanelColumns, depth, width, first > 0};
  }
  const float* const panel = in.b.data + first * stride + column;
  if ((kMasksAreFree || width == kPanelColumns) && depth * stride <= kDirectMax) {
    return {panel, stride, depth, width, first > 0};
  }
  PackColumns(panel, stride, depth, width, kPanelColumns, scratch);
  return {scratch, kPanelColumns, depth, width, first > 0};
}

template <class Order>
HWY_INLINE void MultiplyPanels(Order a, size_t depth, const GemmArguments& in) {
  HWY_ALIGN float scratch[kDepthMax * kPanelColumns];
  const size_t rows = static_cast<size_t>(in.c.rows), columns = static_cast<size_t>(in.c.cols);
  const size_t c_stride = static_cast<size_t>(in.c.stride);
  const size_t blocks = std::max<size_t>(1, CeilingOf(depth, kDepthMax));
  const size_t step = CeilingOf(depth, blocks);
  for (size_t block = 0; block < blocks; ++block) {
    const size_t first = block * step;
    const size_t block_depth = std::min(depth, first + step) - first;
    for (size_t column = 0; column < columns; column += kPanelColumns) {
      const size_t width = std::min(kPanelColumns, columns - column);
      const PanelProduct product = MakePanel(in, first, block_depth, column, width, scratch);
      product.MultiplyAll(rows, a.From(0, first), in.c.data + column, c_stride);
    }
  }
}

void TiledGemmImpl(const GemmArguments& in) {
  const size_t a_stride = static_cast<size_t>(in.a.stride);
  if (in.transpose_a) {
    MultiplyPanels(DepthOrder{in.a.data, a_stride}, static_cast<size_t>(in.a.rows), in);
  } else {
    MultiplyPanels(RowOrder{in.a.data, a_stride}, static_cast<size_t>(in.a.cols), in);
  }
}

bool TiledGemmIsFasterImpl(size_t multiplications) {
  // By bench_products.
  constexpr size_t kMillion = size_t{1} << 20;
  switch (HWY_TARGET) {
    // Against OpenBLAS for SkylakeX: 1.1 to 1.3 times as fast on hidden layers up to 64 x 512 x
    // 512, 1.0 to 1.05 times at 256 x 1024 x 1024, 0.85 times at 512 x 2048 x 2048.
    case HWY_AVX3:
      return multiplications < 512 * kMillion;
    // Against OpenBLAS for Haswell and Zen: 1.1 to 1.5 times as fast up to 64 x 512 x 512, 1.3 to
    // 2.8 times with 10 columns or 10 deep, equal at 256 x 512 x 512, and from there on 0.85 to
    // 0.98 times.
    case HWY_AVX2:
      return multiplications < 64 * kMillion;
    default:
      return false;
  }
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(TiledGemmImpl);
HWY_EXPORT(TiledGemmIsFasterImpl);

void TiledGemm(bool transpose_a, ConstMatrixView a, bool transpose_b, ConstMatrixView b,
               MatrixView c) {
  HWY_DYNAMIC_DISPATCH(TiledGemmImpl)({transpose_a, transpose_b, a, b, c});
}

bool TiledGemmIsFaster(size_t rows, size_t columns, size_t depth) {
  return HWY_DYNAMIC_DISPATCH(TiledGemmIsFasterImpl)(rows * columns * depth);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
