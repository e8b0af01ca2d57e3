// The inner loop of the matrix product: a tile of the result held in registers while one row of
// op(a) after the other is multiplied in. Included again for each SIMD target by
// hwy/foreach_target.h.
//
//   tile[r][v] = sum over p of a(r, p) * panel[p][v]      (r rows, v vectors)
//
// Every element is one chain of fused multiply-adds in the order of p, whatever the tile's size:
// an element's bits depend on its row, its column and their length alone, never on what is computed
// beside it.
#if defined(CAVIAR_WORKER_LINALG_REGISTER_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CAVIAR_WORKER_LINALG_REGISTER_TILE_INL_H_
#undef CAVIAR_WORKER_LINALG_REGISTER_TILE_INL_H_
#else
#define CAVIAR_WORKER_LINALG_REGISTER_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "worker/linalg/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

// Sums, the panel's vectors and one broadcast value must fit in the registers, of which AVX-512 and
// 64-bit ARM have 32 and the others 16; and at least 8 sums must run side by side to hide the
// latency of a multiply-add.
#if HWY_TARGET == HWY_AVX3
inline constexpr int kTileRows = 12;
inline constexpr size_t kTileVectors = 2;
#elif HWY_ARCH_ARM_A64
inline constexpr int kTileRows = 6;
inline constexpr size_t kTileVectors = 4;
#else
inline constexpr int kTileRows = 6;
inline constexpr size_t kTileVectors = 2;
#endif
// Columns of a panel.
inline constexpr size_t kPanelColumns = kTileVectors * kLanes;

// Rows of op(a) lie one after the other (`stride` apart), as in a plain matrix.
struct RowOrder {
  const float* data;
  size_t stride;
  HWY_INLINE float At(size_t r, size_t p) const { return data[r * stride + p]; }
  HWY_INLINE RowOrder From(size_t row, size_t p) const { return {data + row * stride + p, stride}; }
};

// The values of one p for all rows lie side by side, as in a transposed matrix or a packed tile.
struct DepthOrder {
  const float* data;
  size_t stride;
  HWY_INLINE float At(size_t r, size_t p) const { return data[p * stride + r]; }
  HWY_INLINE DepthOrder From(size_t row, size_t p) const {
    return {data + p * stride + row, stride};
  }
};

// Whether part of a vector is read and written as fast as a whole one, and nothing behind it.
inline constexpr bool kMasksAreFree = HWY_TARGET == HWY_AVX3;

// Multiplies `tiles` times kRows rows of op(a) with a panel of `depth` rows, panel_stride apart,
// and stores (or adds) a tile's kVectors vectors a row to c. With kIsPartial, of the last vector
// only the first `last_lanes` floats are there, in the panel and in c. Requires kMasksAreFree then.
template <int kRows, size_t kVectors, bool kIsPartial, class Order>
HWY_NOINLINE void MultiplyTiles(size_t tiles, Order a, const float* HWY_RESTRICT panel,
                                size_t panel_stride, size_t depth, size_t last_lanes, bool add,
                                float* c, size_t c_stride) {
  const F32 d;
  const auto mask = hn::FirstN(d, last_lanes);
  const auto load = [&](const float* from, size_t v) HWY_ATTR {
    if constexpr (kIsPartial) {
      if (v + 1 == kVectors) return hn::MaskedLoad(mask, d, from);
    }
    return hn::LoadU(d, from);
  };
  for (; tiles > 0; --tiles, a = a.From(kRows, 0)) {
    V32 sums[kRows][kVectors];
    for (int r = 0; r < kRows; ++r) {
      for (size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::Zero(d);
    }
    const float* HWY_RESTRICT row = panel;
    // Fewer rounds, whose last one the branch predictor knows: 1.05 to 1.1 times as fast.
    HWY_UNROLL(4)
    for (size_t p = 0; p < depth; ++p, row += panel_stride) {
      V32 b[kVectors];
      for (size_t v = 0; v < kVectors; ++v) b[v] = load(row + v * kLanes, v);
      for (int r = 0; r < kRows; ++r) {
        const V32 x = hn::Set(d, a.At(static_cast<size_t>(r), p));
        for (size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(x, b[v], sums[r][v]);
      }
    }
    // Unrolled, or the sums would have to leave the registers to be counted through.
    HWY_UNROLL(12)
    for (int r = 0; r < kRows; ++r, c += c_stride) {
      HWY_UNROLL(4)
      for (size_t v = 0; v < kVectors; ++v) {
        float* const to = c + v * kLanes;
        const V32 sum = add ? hn::Add(load(to, v), sums[r][v]) : sums[r][v];
        if (kIsPartial && v + 1 == kVectors) {
          hn::BlendedStore(sum, mask, d, to);
        } else {
          hn::StoreU(sum, d, to);
        }
      }
    }
  }
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_REGISTER_TILE_INL_H_
