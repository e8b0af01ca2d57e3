#include "worker/linalg/normalize_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/normalize_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>

#include "common/status/check.h"
#include "worker/linalg/activation-inl.h"
#include "worker/linalg/column_strip-inl.h"
#include "worker/linalg/dropout-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

struct Difference {
  ConstMatrixView x;
  size_t column;
  const float* origin;  // one value a column
  HWY_INLINE V32 operator()(int r, size_t v) const {
    const F32 d;
    return hn::Sub(hn::Load(d, x.row(r) + column + v * kLanes), hn::Load(d, origin + v * kLanes));
  }
};

struct SquaredDifference {
  Difference difference;
  HWY_INLINE V32 operator()(int r, size_t v) const {
    const V32 x = difference(r, v);
    return hn::Mul(x, x);
  }
};

struct MomentsStrip {
  ConstMatrixView x;
  float* mean;
  float* variance;

  template <size_t kVectors>
  HWY_INLINE void Run(size_t column) {
    constexpr size_t kWidth = kVectors * kLanes;
    const double share = 1.0 / x.rows;
    double sums[kWidth] = {};
    SumDownRows<kVectors>(x.rows, Difference{x, column, x.data + column}, sums);
    for (size_t i = 0; i < kWidth; ++i) {
      mean[column + i] =
          static_cast<float>(static_cast<double>(x.data[column + i]) + sums[i] * share);
    }
    double squares[kWidth] = {};
    SumDownRows<kVectors>(x.rows, SquaredDifference{{x, column, mean + column}}, squares);
    for (size_t i = 0; i < kWidth; ++i) {
      variance[column + i] = static_cast<float>(squares[i] * share);
    }
  }
};

void ColumnMomentsImpl(ConstMatrixView x, float* mean, float* variance) {
  MomentsStrip strip{x, mean, variance};
  ForEachStrip(x.cols, strip);
}

void NormalizationScaleImpl(const float* HWY_RESTRICT variance, const float* HWY_RESTRICT gamma,
                            float epsilon, int cols, float* HWY_RESTRICT inverse_std,
                            float* HWY_RESTRICT scale) {
  const F32 d;
  const V32 one = hn::Set(d, 1.0f), tiny = hn::Set(d, epsilon);
  for (size_t c = 0; c < PaddedSize(cols); c += kLanes) {
    const V32 inverse = hn::Div(one, hn::Sqrt(hn::Add(hn::Load(d, variance + c), tiny)));
    hn::Store(inverse, d, inverse_std + c);
    hn::Store(hn::Mul(hn::Load(d, gamma + c), inverse), d, scale + c);
  }
}

template <class Function>
struct NormalizeActivateKernel {
  static HWY_INLINE void Run(Function f, ConstMatrixView x, const float* mean, const float* scale,
                             const float* shift, Dropout dropout, MatrixView y) {
    if (dropout.rate == 0) return Run(f, NoDropout(), x, mean, scale, shift, y);
    Run(f, HashedDropout(dropout, y.stride), x, mean, scale, shift, y);
  }

  template <class Drop>
  static HWY_INLINE void Run(Function f, const Drop& drop, ConstMatrixView x,
                             const float* HWY_RESTRICT mean, const float* HWY_RESTRICT scale,
                             const float* HWY_RESTRICT shift, MatrixView y) {
    const F32 d;
    const size_t end = PaddedSize(x.cols);
    for (int r = 0; r < x.rows; ++r) {
      const float* const from = x.row(r);
      float* const to = y.row(r);
      for (size_t c = 0; c < end; c += kLanes) {
        const V32 centered = hn::Sub(hn::Load(d, from + c), hn::Load(d, mean + c));
        const V32 u = hn::MulAdd(centered, hn::Load(d, scale + c), hn::Load(d, shift + c));
        hn::Store(drop.Apply(r, c, f.Apply(d, u)), d, to + c);
      }
    }
  }
};

void NormalizeActivateImpl(ConstMatrixView x, const float* mean, const float* scale,
                           const float* shift, ActivationFunction f, Dropout dropout,
                           MatrixView y) {
  WithActivation<NormalizeActivateKernel>(f, x, mean, scale, shift, dropout, y);
}

// Two passes over a strip. The first turns dL/dy into dL/du (u = gamma * x_hat + beta) in place and
// sums it, and its product with x_hat, down the rows: the gradients of beta and gamma. The second
// applies dx = gamma * inverse_std * (du - sum(du)/rows - x_hat * sum(du x_hat)/rows). x_hat is
// computed again rather than stored: a subtraction, and for its factor inverse_std nothing a row,
// cost less than a matrix of memory traffic.
template <class Function, class Drop>
struct BackwardStrip {
  Function f;
  Drop drop;
  ConstMatrixView x, y;
  const float *mean, *inverse_std, *gamma;
  MatrixView d;
  float *gamma_gradient, *beta_gradient;

  template <size_t kVectors>
  HWY_INLINE void Run(size_t column) {
    FirstPass<kVectors>(column);
    SecondPass<kVectors>(column);
  }

  template <size_t kVectors>
  HWY_INLINE void FirstPass(size_t column) {
    const F32 tag;
    double beta_sums[kVectors * kLanes] = {};
    double gamma_sums[kVectors * kLanes] = {};
    V32 means[kVectors];
    for (size_t v = 0; v < kVectors; ++v) means[v] = hn::Load(tag, mean + column + v * kLanes);
    for (int first = 0; first < x.rows; first += kChunkRows) {
      V32 beta_vectors[kVectors], gamma_vectors[kVectors];
      for (size_t v = 0; v < kVectors; ++v) beta_vectors[v] = gamma_vectors[v] = hn::Zero(tag);
      const int last = std::min(x.rows, first + kChunkRows);
      for (int r = first; r < last; ++r) {
        for (size_t v = 0; v < kVectors; ++v) {
          const size_t c = column + v * kLanes;
          const V32 out = hn::Load(tag, y.row(r) + c);
          const V32 du = hn::Mul(drop.Gradient(out, hn::Load(tag, d.row(r) + c)),
                                 f.Derivative(tag, drop.Undo(out)));
          hn::Store(du, tag, d.row(r) + c);
          beta_vectors[v] = hn::Add(beta_vectors[v], du);
          const V32 centered = hn::Sub(hn::Load(tag, x.row(r) + c), means[v]);
          gamma_vectors[v] = hn::MulAdd(du, centered, gamma_vectors[v]);
        }
      }
      HWY_ALIGN float lanes[kLanes];
      for (size_t v = 0; v < kVectors; ++v) {
        hn::Store(beta_vectors[v], tag, lanes);
        for (size_t i = 0; i < kLanes; ++i) beta_sums[v * kLanes + i] += lanes[i];
        hn::Store(gamma_vectors[v], tag, lanes);
        for (size_t i = 0; i < kLanes; ++i) gamma_sums[v * kLanes + i] += lanes[i];
      }
    }
    for (size_t i = 0; i < kVectors * kLanes; ++i) {
      gamma_sums[i] *= static_cast<double>(inverse_std[column + i]);
    }
    StoreTotals(beta_sums, column, kVectors * kLanes, x.cols, beta_gradient);
    StoreTotals(gamma_sums, column, kVectors * kLanes, x.cols, gamma_gradient);
  }

  template <size_t kVectors>
  HWY_INLINE void SecondPass(size_t column) {
    const F32 tag;
    const V32 share = hn::Set(tag, 1.0f / static_cast<float>(x.rows));
    V32 means[kVectors], of_du[kVectors], of_x[kVectors], constant[kVectors];
    for (size_t v = 0; v < kVectors; ++v) {
      const size_t c = column + v * kLanes;
      const V32 inverse = hn::Load(tag, inverse_std + c);
      const V32 scale = hn::Mul(hn::Load(tag, gamma + c), inverse);
      const V32 scaled_share = hn::Mul(scale, share);
      means[v] = hn::Load(tag, mean + c);
      of_du[v] = scale;
      of_x[v] = hn::Mul(hn::Mul(scaled_share, inverse), hn::Load(tag, gamma_gradient + c));
      constant[v] = hn::Mul(scaled_share, hn::Load(tag, beta_gradient + c));
    }
    for (int r = 0; r < x.rows; ++r) {
      for (size_t v = 0; v < kVectors; ++v) {
        const size_t c = column + v * kLanes;
        const V32 centered = hn::Sub(hn::Load(tag, x.row(r) + c), means[v]);
        const V32 du = hn::MulSub(of_du[v], hn::Load(tag, d.row(r) + c), constant[v]);
        hn::Store(hn::NegMulAdd(of_x[v], centered, du), tag, d.row(r) + c);
      }
    }
  }
};

template <class Function>
struct BackwardKernel {
  static HWY_INLINE void Run(Function f, ConstMatrixView x, ConstMatrixView y, const float* mean,
                             const float* inverse_std, const float* gamma, Dropout dropout,
                             MatrixView d, float* gamma_gradient, float* beta_gradient) {
    if (dropout.rate == 0) {
      BackwardStrip<Function, NoDropout> strip{
          f, NoDropout(), x, y, mean, inverse_std, gamma, d, gamma_gradient, beta_gradient};
      return ForEachStrip(x.cols, strip);
    }
    BackwardStrip<Function, HashedDropout> strip{f,
                                                 HashedDropout(dropout, y.stride),
                                                 x,
                                                 y,
                                                 mean,
                                                 inverse_std,
                                                 gamma,
                                                 d,
                                                 gamma_gradient,
                                                 beta_gradient};
    ForEachStrip(x.cols, strip);
  }
};

void NormalizeActivateBackwardImpl(ConstMatrixView x, ConstMatrixView y, const float* mean,
                                   const float* inverse_std, const float* gamma,
                                   ActivationFunction f, Dropout dropout, MatrixView d,
                                   float* gamma_gradient, float* beta_gradient) {
  WithActivation<BackwardKernel>(f, x, y, mean, inverse_std, gamma, dropout, d, gamma_gradient,
                                 beta_gradient);
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(ColumnMomentsImpl);
HWY_EXPORT(NormalizationScaleImpl);
HWY_EXPORT(NormalizeActivateImpl);
HWY_EXPORT(NormalizeActivateBackwardImpl);

void ColumnMoments(ConstMatrixView x, float* mean, float* variance) {
  CAVIAR_CHECK(x.rows >= 1 && IsPadded(x));
  HWY_DYNAMIC_DISPATCH(ColumnMomentsImpl)(x, mean, variance);
}

void NormalizationScale(const float* variance, const float* gamma, float epsilon, int cols,
                        float* inverse_std, float* scale) {
  HWY_DYNAMIC_DISPATCH(NormalizationScaleImpl)(variance, gamma, epsilon, cols, inverse_std, scale);
}

void NormalizeActivate(ConstMatrixView x, const float* mean, const float* scale, const float* shift,
                       ActivationFunction f, Dropout dropout, MatrixView y) {
  CAVIAR_CHECK(x.rows == y.rows && x.cols == y.cols && IsPadded(x) && IsPadded(y));
  HWY_DYNAMIC_DISPATCH(NormalizeActivateImpl)(x, mean, scale, shift, f, dropout, y);
}

void NormalizeActivateBackward(ConstMatrixView x, ConstMatrixView y, const float* mean,
                               const float* inverse_std, const float* gamma, ActivationFunction f,
                               Dropout dropout, MatrixView d, float* gamma_gradient,
                               float* beta_gradient) {
  CAVIAR_CHECK(x.rows == y.rows && x.rows == d.rows && x.cols == y.cols && x.cols == d.cols);
  CAVIAR_CHECK(IsPadded(x) && IsPadded(y) && IsPadded(d));
  HWY_DYNAMIC_DISPATCH(NormalizeActivateBackwardImpl)
  (x, y, mean, inverse_std, gamma, f, dropout, d, gamma_gradient, beta_gradient);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
