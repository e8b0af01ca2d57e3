// Activation functions on vectors, for kernels that are compiled once a SIMD target. Included again
// for each target by hwy/foreach_target.h, hence the unusual guard.
//
// Apply gives y = f(x); Derivative gives f'(x) from y, so that x need not be kept. At the kink of
// relu and leaky_relu the derivative from below is taken.
#if defined(CAVIAR_WORKER_LINALG_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CAVIAR_WORKER_LINALG_ACTIVATION_INL_H_
#undef CAVIAR_WORKER_LINALG_ACTIVATION_INL_H_
#else
#define CAVIAR_WORKER_LINALG_ACTIVATION_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "worker/linalg/activation_function.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct Identity {
  template <class D, class V>
  HWY_INLINE V Apply(D, V x) const {
    return x;
  }
  template <class D, class V>
  HWY_INLINE V Derivative(D d, V) const {
    return hn::Set(d, 1.0f);
  }
};

struct Relu {
  template <class D, class V>
  HWY_INLINE V Apply(D d, V x) const {
    // Not Max(x, 0): that turns NaN into 0 and would hide a diverged network.
    return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
  }
  template <class D, class V>
  HWY_INLINE V Derivative(D d, V y) const {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), hn::Set(d, 1.0f));
  }
};

struct LeakyRelu {
  float slope;
  template <class D, class V>
  HWY_INLINE V Apply(D d, V x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(x, hn::Set(d, slope)));
  }
  template <class D, class V>
  HWY_INLINE V Derivative(D d, V y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(d)), hn::Set(d, 1.0f), hn::Set(d, slope));
  }
};

struct Tanh {
  template <class D, class V>
  HWY_INLINE V Apply(D d, V x) const {
    return hn::Tanh(d, x);
  }
  template <class D, class V>
  HWY_INLINE V Derivative(D d, V y) const {
    return hn::NegMulAdd(y, y, hn::Set(d, 1.0f));
  }
};

struct Sigmoid {
  template <class D, class V>
  HWY_INLINE V Apply(D d, V x) const {
    // exp of -|x| cannot overflow; of NaN it is some number.
    const V one = hn::Set(d, 1.0f);
    const V e = hn::Exp(d, hn::Neg(hn::Abs(x)));
    const V y = hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
    return hn::IfThenElse(hn::IsNaN(x), x, y);
  }
  template <class D, class V>
  HWY_INLINE V Derivative(D d, V y) const {
    return hn::Mul(y, hn::Sub(hn::Set(d, 1.0f), y));
  }
};

// Calls Kernel<Function>::Run(function, args…), so that the choice is made once a call, not once a
// vector. A class, not a lambda: lambdas do not inherit the target's instruction set.
template <template <class> class Kernel, class... Args>
HWY_INLINE void WithActivation(ActivationFunction f, Args&&... args) {
  switch (f.kind) {
    case ActivationFunction::Kind::kIdentity:
      return Kernel<Identity>::Run(Identity{}, args...);
    case ActivationFunction::Kind::kRelu:
      return Kernel<Relu>::Run(Relu{}, args...);
    case ActivationFunction::Kind::kLeakyRelu:
      return Kernel<LeakyRelu>::Run(LeakyRelu{f.leaky_slope}, args...);
    case ActivationFunction::Kind::kTanh:
      return Kernel<Tanh>::Run(Tanh{}, args...);
    case ActivationFunction::Kind::kSigmoid:
      return Kernel<Sigmoid>::Run(Sigmoid{}, args...);
  }
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // CAVIAR_WORKER_LINALG_ACTIVATION_INL_H_
