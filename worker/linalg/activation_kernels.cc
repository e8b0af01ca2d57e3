#include "worker/linalg/activation_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/activation_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>

#include "common/status/check.h"
#include "worker/linalg/activation-inl.h"
#include "worker/linalg/column_strip-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

template <class Function>
struct BiasActivateKernel {
  static HWY_INLINE void Run(Function f, ConstMatrixView x, const float* HWY_RESTRICT bias,
                             MatrixView y) {
    const F32 d;
    const size_t end = PaddedSize(x.cols);
    for (int r = 0; r < x.rows; ++r) {
      const float* const from = x.row(r);
      float* const to = y.row(r);
      for (size_t c = 0; c < end; c += kLanes) {
        const V32 u = hn::Add(hn::Load(d, from + c), hn::Load(d, bias + c));
        hn::Store(f.Apply(d, u), d, to + c);
      }
    }
  }
};

void BiasActivateImpl(ConstMatrixView x, const float* bias, ActivationFunction f, MatrixView y) {
  WithActivation<BiasActivateKernel>(f, x, bias, y);
}

template <class Function>
struct BiasBackwardStrip {
  Function f;
  ConstMatrixView y;
  MatrixView d;
  float* bias_gradient;

  // dL/du of one vector, stored on the way.
  struct Term {
    const BiasBackwardStrip* strip;
    size_t column;
    HWY_INLINE V32 operator()(int r, size_t v) const {
      const F32 tag;
      const size_t c = column + v * kLanes;
      const V32 slope = strip->f.Derivative(tag, hn::Load(tag, strip->y.row(r) + c));
      const V32 du = hn::Mul(hn::Load(tag, strip->d.row(r) + c), slope);
      hn::Store(du, tag, strip->d.row(r) + c);
      return du;
    }
  };

  template <size_t kVectors>
  HWY_INLINE void Run(size_t column) {
    double sums[kVectors * kLanes] = {};
    SumDownRows<kVectors>(y.rows, Term{this, column}, sums);
    StoreTotals(sums, column, kVectors * kLanes, y.cols, bias_gradient);
  }
};

template <class Function>
struct BiasBackwardKernel {
  static HWY_INLINE void Run(Function f, ConstMatrixView y, MatrixView d, float* bias_gradient) {
    BiasBackwardStrip<Function> strip{f, y, d, bias_gradient};
    ForEachStrip(y.cols, strip);
  }
};

void BiasActivateBackwardImpl(ConstMatrixView y, ActivationFunction f, MatrixView d,
                              float* bias_gradient) {
  WithActivation<BiasBackwardKernel>(f, y, d, bias_gradient);
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(BiasActivateImpl);
HWY_EXPORT(BiasActivateBackwardImpl);

void BiasActivate(ConstMatrixView x, const float* bias, ActivationFunction f, MatrixView y) {
  CAVIAR_CHECK(x.rows == y.rows && x.cols == y.cols && IsPadded(x) && IsPadded(y));
  HWY_DYNAMIC_DISPATCH(BiasActivateImpl)(x, bias, f, y);
}

void BiasActivateBackward(ConstMatrixView y, ActivationFunction f, MatrixView d,
                          float* bias_gradient) {
  CAVIAR_CHECK(y.rows == d.rows && y.cols == d.cols && IsPadded(y) && IsPadded(d));
  HWY_DYNAMIC_DISPATCH(BiasActivateBackwardImpl)(y, f, d, bias_gradient);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
