// Dropout on vectors, for kernels that are compiled once a SIMD target. Included again for each
// target by hwy/foreach_target.h, hence the unusual guard.
//
// Both kinds offer: Apply, the value that leaves the layer in place of y; Undo, y again (of no
// meaning where it was dropped); Gradient, dL/dy from dL/d(what left the layer).
#if defined(CAVIAR_WORKER_LINALG_DROPOUT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CAVIAR_WORKER_LINALG_DROPOUT_INL_H_
#undef CAVIAR_WORKER_LINALG_DROPOUT_INL_H_
#else
#define CAVIAR_WORKER_LINALG_DROPOUT_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "worker/linalg/dropout.h"
#include "worker/linalg/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

using U32 = hn::RebindToUnsigned<F32>;
using I32 = hn::RebindToSigned<F32>;

struct NoDropout {
  HWY_INLINE V32 Apply(int, size_t, V32 y) const { return y; }
  HWY_INLINE V32 Undo(V32 out) const { return out; }
  HWY_INLINE V32 Gradient(V32, V32 d_out) const { return d_out; }
};

class HashedDropout {
 public:
  HWY_INLINE HashedDropout(Dropout dropout, int stride)
      : stride_(static_cast<uint32_t>(stride)),
        key_low_(hn::Set(U32(), static_cast<uint32_t>(dropout.key))),
        key_high_(hn::Set(U32(), static_cast<uint32_t>(dropout.key >> 32))),
        // Made once: in the loop it would be written to the stack and read back for every vector,
        // which took four times as long as the hash.
        first_places_(hn::Iota(U32(), 0)),
        // Of 24 random bits.
        threshold_(hn::Set(I32(), static_cast<int32_t>(dropout.rate * 16777216.0f))),
        scale_(hn::Set(F32(), 1.0f / (1.0f - dropout.rate))),
        unscale_(hn::Set(F32(), 1.0f - dropout.rate)) {}

  HWY_INLINE V32 Apply(int r, size_t c, V32 y) const {
    const uint32_t first = static_cast<uint32_t>(r) * stride_ + static_cast<uint32_t>(c);
    const auto place = hn::Add(first_places_, hn::Set(U32(), first));
    const auto bits = Mix(hn::Xor(Mix(hn::Add(place, key_low_)), key_high_));
    const auto is_dropped = hn::Lt(hn::BitCast(I32(), hn::ShiftRight<8>(bits)), threshold_);
    // The sum makes +0 of a kept -0, also of one that was too small for a float.
    const V32 kept = hn::Add(hn::Mul(y, scale_), hn::Zero(F32()));
    return hn::IfThenElse(hn::RebindMask(F32(), is_dropped), hn::Set(F32(), -0.0f), kept);
  }

  HWY_INLINE V32 Undo(V32 out) const { return hn::Mul(out, unscale_); }

  HWY_INLINE V32 Gradient(V32 out, V32 d_out) const {
    const auto is_dropped = hn::Eq(hn::BitCast(U32(), out), hn::Set(U32(), 0x80000000u));
    return hn::IfThenZeroElse(hn::RebindMask(F32(), is_dropped), hn::Mul(d_out, scale_));
  }

 private:
  // A 32-bit mixer with low bias (multiply, xor-shift): every input bit moves every output bit.
  template <class V>
  static HWY_INLINE V Mix(V x) {
    x = hn::Xor(x, hn::ShiftRight<16>(x));
    x = hn::Mul(x, hn::Set(U32(), 0x7feb352du));
    x = hn::Xor(x, hn::ShiftRight<15>(x));
    x = hn::Mul(x, hn::Set(U32(), 0x846ca68bu));
    return hn::Xor(x, hn::ShiftRight<16>(x));
  }

  uint32_t stride_;
  hn::Vec<U32> key_low_, key_high_, first_places_;
  hn::Vec<I32> threshold_;
  V32 scale_, unscale_;
};

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_DROPOUT_INL_H_
