// The vectors of every kernel: float32, as wide as the SIMD target's but never wider than the
// padding of rows and runs. Included again for each target by hwy/foreach_target.h.
#if defined(CAVIAR_WORKER_LINALG_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CAVIAR_WORKER_LINALG_LANES_INL_H_
#undef CAVIAR_WORKER_LINALG_LANES_INL_H_
#else
#define CAVIAR_WORKER_LINALG_LANES_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "worker/linalg/float_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, kLanePadding>;
using V32 = hn::Vec<F32>;
inline constexpr size_t kLanes = hn::MaxLanes(F32());

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_LANES_INL_H_
