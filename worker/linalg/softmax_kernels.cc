#include "worker/linalg/softmax_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/softmax_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include "common/status/check.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, kLanePadding>;
using V32 = hn::Vec<F32>;

struct RowSums {
  float largest;       // max z
  int32_t prediction;  // where it stands first
  float exponentials;  // sum of exp(z - max z)
  float shifted;       // sum of z - max z; not finite if some z is not, unlike the exponentials
};

// One row of logits becomes its unnormalised probabilities exp(z - max z).
HWY_INLINE RowSums ExponentiateRow(float* HWY_RESTRICT row, int classes) {
  const F32 d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const V32 lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  V32 largest = lowest;
  int c = 0;
  for (; c + lanes <= classes; c += lanes) largest = hn::Max(largest, hn::Load(d, row + c));
  // Past the last class lies the row's padding, whose content means nothing.
  const int whole = c;
  const auto rest = hn::FirstN(d, static_cast<size_t>(classes - whole));
  if (whole < classes) {
    largest = hn::Max(largest, hn::IfThenElse(rest, hn::Load(d, row + whole), lowest));
  }
  const V32 top = hn::MaxOfLanes(d, largest);

  RowSums sums{};
  sums.largest = hn::GetLane(top);
  for (c = 0; c < classes; c += lanes) {
    const intptr_t at = hn::FindFirstTrue(d, hn::Eq(hn::Load(d, row + c), top));
    if (at >= 0) {
      if (c + at < classes) sums.prediction = static_cast<int32_t>(c + at);
      break;
    }
  }

  V32 exponentials = hn::Zero(d);
  V32 shifted = hn::Zero(d);
  for (c = 0; c < whole; c += lanes) {
    const V32 z = hn::Sub(hn::Load(d, row + c), top);
    shifted = hn::Add(shifted, z);
    const V32 e = hn::Exp(d, z);
    exponentials = hn::Add(exponentials, e);
    hn::Store(e, d, row + c);
  }
  if (whole < classes) {
    const V32 z = hn::IfThenElseZero(rest, hn::Sub(hn::Load(d, row + whole), top));
    shifted = hn::Add(shifted, z);
    const V32 e = hn::IfThenElseZero(rest, hn::Exp(d, z));
    exponentials = hn::Add(exponentials, e);
    hn::Store(e, d, row + whole);
  }
  sums.exponentials = hn::GetLane(hn::SumOfLanes(d, exponentials));
  sums.shifted = hn::GetLane(hn::SumOfLanes(d, shifted));
  return sums;
}

HWY_INLINE void ScaleRow(float* HWY_RESTRICT row, int classes, float factor, float offset) {
  const F32 d;
  const V32 scale = hn::Set(d, factor);
  const V32 add = hn::Set(d, offset);
  for (int c = 0; c < classes; c += static_cast<int>(hn::Lanes(d))) {
    hn::Store(hn::MulAdd(hn::Load(d, row + c), scale, add), d, row + c);
  }
}

void SoftmaxRowsImpl(MatrixView logits) {
  for (int r = 0; r < logits.rows; ++r) {
    const RowSums sums = ExponentiateRow(logits.row(r), logits.cols);
    ScaleRow(logits.row(r), logits.cols, 1.0f / sums.exponentials, 0.0f);
  }
}

double CrossEntropyGradientImpl(MatrixView logits, const int32_t* labels,
                                const CrossEntropyOptions& options, int32_t* predictions) {
  const float even_share = options.smoothing / static_cast<float>(logits.cols);
  double total = 0;
  for (int r = 0; r < logits.rows; ++r) {
    float* const row = logits.row(r);
    const int32_t label = labels[r];
    const float z_label = row[label];
    const RowSums sums = ExponentiateRow(row, logits.cols);
    predictions[r] = sums.prediction;
    const float weight = options.class_weights == nullptr ? 1.0f : options.class_weights[label];
    // Without smoothing the last term is zero, or NaN if some logit is not finite.
    const float loss = std::log(sums.exponentials) -
                       (1.0f - options.smoothing) * (z_label - sums.largest) -
                       even_share * sums.shifted;
    total += static_cast<double>(weight * loss);
    const float scale = weight * options.gradient_scale;
    ScaleRow(row, logits.cols, scale / sums.exponentials, -scale * even_share);
    row[label] -= scale * (1.0f - options.smoothing);
  }
  return total;
}

double CrossEntropyImpl(MatrixView logits, const int32_t* labels, int32_t* predictions) {
  double total = 0;
  for (int r = 0; r < logits.rows; ++r) {
    const float z_label = logits.row(r)[labels[r]];
    const RowSums sums = ExponentiateRow(logits.row(r), logits.cols);
    predictions[r] = sums.prediction;
    // The last term is zero, or NaN if some logit is not finite.
    total += static_cast<double>(std::log(sums.exponentials) - (z_label - sums.largest) +
                                 0.0f * sums.shifted);
  }
  return total;
}

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(SoftmaxRowsImpl);
HWY_EXPORT(CrossEntropyGradientImpl);
HWY_EXPORT(CrossEntropyImpl);

void SoftmaxRows(MatrixView logits) {
  CAVIAR_CHECK(logits.cols >= 1 && IsPadded(logits));
  HWY_DYNAMIC_DISPATCH(SoftmaxRowsImpl)(logits);
}

double CrossEntropyGradient(MatrixView logits, const int32_t* labels,
                            const CrossEntropyOptions& options, int32_t* predictions) {
  CAVIAR_CHECK(logits.cols >= 1 && IsPadded(logits));
  return HWY_DYNAMIC_DISPATCH(CrossEntropyGradientImpl)(logits, labels, options, predictions);
}

double CrossEntropy(MatrixView logits, const int32_t* labels, int32_t* predictions) {
  CAVIAR_CHECK(logits.cols >= 1 && IsPadded(logits));
  return HWY_DYNAMIC_DISPATCH(CrossEntropyImpl)(logits, labels, predictions);
}

}  // namespace caviar::linalg
#endif  // HWY_ONCE
