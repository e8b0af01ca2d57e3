#include "worker/linalg/optimizer_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/optimizer_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>

#include <algorithm>

#include "common/status/check.h"
#include "worker/linalg/float_buffer.h"
#include "worker/linalg/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

// g of one vector.
struct Gradient {
  explicit HWY_INLINE Gradient(const UpdateInput& in)
      : gradient(in.gradient),
        scale(hn::Set(F32(), in.gradient_scale)),
        l2(hn::Set(F32(), in.l2)) {}
  HWY_INLINE V32 At(size_t i, V32 value) const {
    return hn::MulAdd(l2, value, hn::Mul(scale, hn::Load(F32(), gradient + i)));
  }
  const float* gradient;
  V32 scale, l2;
};

void GradientDescentImpl(const UpdateInput& in, float* HWY_RESTRICT value) {
  const F32 d;
  const Gradient gradient(in);
  const V32 rate = hn::Set(d, in.learning_rate);
  for (size_t i = 0; i < in.size; i += hn::Lanes(d)) {
    const V32 p = hn::Load(d, value + i);
    hn::Store(hn::NegMulAdd(rate, gradient.At(i, p), p), d, value + i);
  }
}

void MomentumImpl(const UpdateInput& in, float beta, bool look_ahead, float* HWY_RESTRICT value,
                  float* HWY_RESTRICT velocity) {
  const F32 d;
  const Gradient gradient(in);
  const V32 rate = hn::Set(d, in.learning_rate);
  const V32 keep = hn::Set(d, beta);
  const V32 take = hn::Set(d, 1.0f - beta);
  for (size_t i = 0; i < in.size; i += hn::Lanes(d)) {
    const V32 p = hn::Load(d, value + i);
    const V32 fresh = hn::Mul(take, gradient.At(i, p));
    const V32 v = hn::MulAdd(keep, hn::Load(d, velocity + i), fresh);
    hn::Store(v, d, velocity + i);
    const V32 step = look_ahead ? hn::MulAdd(keep, v, fresh) : v;
    hn::Store(hn::NegMulAdd(rate, step, p), d, value + i);
  }
}

void RmspropImpl(const UpdateInput& in, float beta2, float epsilon, float* HWY_RESTRICT value,
                 float* HWY_RESTRICT second) {
  const F32 d;
  const Gradient gradient(in);
  const V32 rate = hn::Set(d, in.learning_rate);
  const V32 keep = hn::Set(d, beta2);
  const V32 take = hn::Set(d, 1.0f - beta2);
  const V32 tiny = hn::Set(d, epsilon);
  for (size_t i = 0; i < in.size; i += hn::Lanes(d)) {
    const V32 p = hn::Load(d, value + i);
    const V32 g = gradient.At(i, p);
    const V32 s = hn::MulAdd(keep, hn::Load(d, second + i), hn::Mul(take, hn::Mul(g, g)));
    hn::Store(s, d, second + i);
    const V32 step = hn::Div(hn::Mul(rate, g), hn::Add(hn::Sqrt(s), tiny));
    hn::Store(hn::Sub(p, step), d, value + i);
  }
}

void AdamImpl(const UpdateInput& in, const AdamCoefficients& adam, float* HWY_RESTRICT value,
              float* HWY_RESTRICT first, float* HWY_RESTRICT second) {
  const F32 d;
  const Gradient gradient(in);
  const V32 rate = hn::Set(d, in.learning_rate * adam.first_correction);
  const V32 keep1 = hn::Set(d, adam.beta1);
  const V32 take1 = hn::Set(d, 1.0f - adam.beta1);
  const V32 keep2 = hn::Set(d, adam.beta2);
  const V32 take2 = hn::Set(d, 1.0f - adam.beta2);
  const V32 correction = hn::Set(d, adam.second_correction);
  const V32 tiny = hn::Set(d, adam.epsilon);
  const V32 shrink = hn::Set(d, adam.shrink);
  for (size_t i = 0; i < in.size; i += hn::Lanes(d)) {
    const V32 p = hn::Load(d, value + i);
    const V32 g = gradient.At(i, p);
    const V32 m = hn::MulAdd(keep1, hn::Load(d, first + i), hn::Mul(take1, g));
    const V32 s = hn::MulAdd(keep2, hn::Load(d, second + i), hn::Mul(take2, hn::Mul(g, g)));
    hn::Store(m, d, first + i);
    hn::Store(s, d, second + i);
    const V32 step = hn::Div(hn::Mul(rate, m), hn::MulAdd(correction, hn::Sqrt(s), tiny));
    hn::Store(hn::MulSub(shrink, p, step), d, value + i);
  }
}

double SumOfSquaresImpl(const float* HWY_RESTRICT values, size_t size) {
  const F32 d;
  constexpr size_t kChunk = 4096;  // floats added up before they go into the double
  double total = 0;
  for (size_t first = 0; first < size; first += kChunk) {
    const size_t last = std::min(size, first + kChunk);
    V32 sum = hn::Zero(d);
    for (size_t i = first; i < last; i += hn::Lanes(d)) {
      const V32 x = hn::Load(d, values + i);
      sum = hn::MulAdd(x, x, sum);
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
  return total;
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(GradientDescentImpl);
HWY_EXPORT(MomentumImpl);
HWY_EXPORT(RmspropImpl);
HWY_EXPORT(AdamImpl);
HWY_EXPORT(SumOfSquaresImpl);

void GradientDescentUpdate(const UpdateInput& in, float* value) {
  CAVIAR_CHECK(in.size % kLanePadding == 0);
  HWY_DYNAMIC_DISPATCH(GradientDescentImpl)(in, value);
}

void MomentumUpdate(const UpdateInput& in, float beta, bool look_ahead, float* value,
                    float* velocity) {
  CAVIAR_CHECK(in.size % kLanePadding == 0);
  HWY_DYNAMIC_DISPATCH(MomentumImpl)(in, beta, look_ahead, value, velocity);
}

void RmspropUpdate(const UpdateInput& in, float beta2, float epsilon, float* value, float* second) {
  CAVIAR_CHECK(in.size % kLanePadding == 0);
  HWY_DYNAMIC_DISPATCH(RmspropImpl)(in, beta2, epsilon, value, second);
}

void AdamUpdate(const UpdateInput& in, const AdamCoefficients& adam, float* value, float* first,
                float* second) {
  CAVIAR_CHECK(in.size % kLanePadding == 0);
  HWY_DYNAMIC_DISPATCH(AdamImpl)(in, adam, value, first, second);
}

double SumOfSquares(const float* values, size_t size) {
  CAVIAR_CHECK(size % kLanePadding == 0);
  return HWY_DYNAMIC_DISPATCH(SumOfSquaresImpl)(values, size);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
