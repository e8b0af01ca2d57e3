#include "worker/linalg/activation_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/activation_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>

#include "common/status/check.h"
#include "worker/linalg/activation-inl.h"
#include "worker/linalg/column_strip-inl.h"
#include "worker/linalg/dropout-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

template <class Function>
struct BiasActivateKernel {
  static HWY_INLINE void Run(Function f, ConstMatrixView x, const float* HWY_RESTRICT bias,
                             Dropout dropout, MatrixView y) {
    if (dropout.rate == 0) return Run(f, NoDropout(), x, bias, y);
    Run(f, HashedDropout(dropout, y.stride), x, bias, y);
  }

  template <class Drop>
  static HWY_INLINE void Run(Function f, const Drop& drop, ConstMatrixView x,
                             const float* HWY_RESTRICT bias, MatrixView y) {
    const F32 d;
    const size_t end = PaddedSize(x.cols);
    for (int r = 0; r < x.rows; ++r) {
      const float* const from = x.row(r);
      float* const to = y.row(r);
      for (size_t c = 0; c < end; c += kLanes) {
        const V32 u = hn::Add(hn::Load(d, from + c), hn::Load(d, bias + c));
        hn::Store(drop.Apply(r, c, f.Apply(d, u)), d, to + c);
      }
    }
  }
};

void BiasActivateImpl(ConstMatrixView x, const float* bias, ActivationFunction f, Dropout dropout,
                      MatrixView y) {
  WithActivation<BiasActivateKernel>(f, x, bias, dropout, y);
}

template <class Function, class Drop>
struct BiasBackwardStrip {
  Function f;
  Drop drop;
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
      const V32 out = hn::Load(tag, strip->y.row(r) + c);
      const V32 slope = strip->f.Derivative(tag, strip->drop.Undo(out));
      const V32 du = hn::Mul(strip->drop.Gradient(out, hn::Load(tag, strip->d.row(r) + c)), slope);
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
  static HWY_INLINE void Run(Function f, ConstMatrixView y, Dropout dropout, MatrixView d,
                             float* bias_gradient) {
    if (dropout.rate == 0) return Run(f, NoDropout(), y, d, bias_gradient);
    Run(f, HashedDropout(dropout, y.stride), y, d, bias_gradient);
  }

  template <class Drop>
  static HWY_INLINE void Run(Function f, const Drop& drop, ConstMatrixView y, MatrixView d,
                             float* bias_gradient) {
    BiasBackwardStrip<Function, Drop> strip{f, drop, y, d, bias_gradient};
    ForEachStrip(y.cols, strip);
  }
};

void BiasActivateBackwardImpl(ConstMatrixView y, ActivationFunction f, Dropout dropout,
                              MatrixView d, float* bias_gradient) {
  WithActivation<BiasBackwardKernel>(f, y, dropout, d, bias_gradient);
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(BiasActivateImpl);
HWY_EXPORT(BiasActivateBackwardImpl);

void BiasActivate(ConstMatrixView x, const float* bias, ActivationFunction f, Dropout dropout,
                  MatrixView y) {
  CAVIAR_CHECK(x.rows == y.rows && x.cols == y.cols && IsPadded(x) && IsPadded(y));
  HWY_DYNAMIC_DISPATCH(BiasActivateImpl)(x, bias, f, dropout, y);
}

void BiasActivateBackward(ConstMatrixView y, ActivationFunction f, Dropout dropout, MatrixView d,
                          float* bias_gradient) {
  CAVIAR_CHECK(y.rows == d.rows && y.cols == d.cols && IsPadded(y) && IsPadded(d));
  HWY_DYNAMIC_DISPATCH(BiasActivateBackwardImpl)(y, f, dropout, d, bias_gradient);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
