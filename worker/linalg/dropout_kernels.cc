#include "worker/linalg/dropout_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/dropout_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>

#include "common/status/check.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, kLanePadding>;
using U32 = hn::RebindToUnsigned<F32>;
using I32 = hn::RebindToSigned<F32>;

// A 32-bit mixer with low bias (multiply, xor-shift): every input bit moves every output bit.
template <class V>
HWY_INLINE V Mix(V x) {
  const U32 d;
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  x = hn::Mul(x, hn::Set(d, 0x7feb352du));
  x = hn::Xor(x, hn::ShiftRight<15>(x));
  x = hn::Mul(x, hn::Set(d, 0x846ca68bu));
  return hn::Xor(x, hn::ShiftRight<16>(x));
}

void DropoutImpl(uint64_t key, float rate, ConstMatrixView x, MatrixView mask, MatrixView y) {
  const F32 d;
  const U32 du;
  const I32 di;
  const auto key_low = hn::Set(du, static_cast<uint32_t>(key));
  const auto key_high = hn::Set(du, static_cast<uint32_t>(key >> 32));
  const auto threshold =
      hn::Set(di, static_cast<int32_t>(rate * 16777216.0f));  // of 24 random bits
  const auto kept = hn::Set(d, 1.0f / (1.0f - rate));
  // Made once: in the loop it would be written to the stack and read back for every vector, which
  // took four times as long as the hash.
  const auto first_places = hn::Iota(du, 0);
  for (int r = 0; r < x.rows; ++r) {
    for (size_t c = 0; c < PaddedSize(x.cols); c += hn::Lanes(d)) {
      const auto place = hn::Add(
          first_places, hn::Set(du, static_cast<uint32_t>(r) * static_cast<uint32_t>(x.stride) +
                                        static_cast<uint32_t>(c)));
      const auto bits = Mix(hn::Xor(Mix(hn::Add(place, key_low)), key_high));
      const auto drop = hn::Lt(hn::BitCast(di, hn::ShiftRight<8>(bits)), threshold);
      const auto m = hn::IfThenZeroElse(hn::RebindMask(d, drop), kept);
      hn::Store(m, d, mask.row(r) + c);
      hn::Store(hn::Mul(m, hn::Load(d, x.row(r) + c)), d, y.row(r) + c);
    }
  }
}

void MultiplyElementsImpl(ConstMatrixView mask, MatrixView m) {
  const F32 d;
  for (int r = 0; r < mask.rows; ++r) {
    for (size_t c = 0; c < PaddedSize(mask.cols); c += hn::Lanes(d)) {
      hn::Store(hn::Mul(hn::Load(d, mask.row(r) + c), hn::Load(d, m.row(r) + c)), d, m.row(r) + c);
    }
  }
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(DropoutImpl);
HWY_EXPORT(MultiplyElementsImpl);

void Dropout(uint64_t key, float rate, ConstMatrixView x, MatrixView mask, MatrixView y) {
  CAVIAR_CHECK(rate > 0 && rate < 1 && IsPadded(x) && IsPadded(mask) && IsPadded(y));
  CAVIAR_CHECK(x.rows == mask.rows && x.cols == mask.cols && x.rows == y.rows && x.cols == y.cols);
  HWY_DYNAMIC_DISPATCH(DropoutImpl)(key, rate, x, mask, y);
}

void MultiplyElements(ConstMatrixView mask, MatrixView d) {
  CAVIAR_CHECK(mask.rows == d.rows && mask.cols == d.cols && IsPadded(mask) && IsPadded(d));
  HWY_DYNAMIC_DISPATCH(MultiplyElementsImpl)(mask, d);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
