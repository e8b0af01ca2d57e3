#include "worker/linalg/softmax_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/softmax_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "common/status/check.h"
#include "worker/linalg/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

// Some rows at once, one stage after the other: a stage's rows do not depend on each other, so that
// the CPU has several in flight, where all stages of one row are one long chain: 1.5 times as fast
// on 10 classes.
inline constexpr int kRowsAtOnce = 64;

// A value a row.
struct RowSums {
  HWY_ALIGN float largest[kRowsAtOnce];       // max z
  HWY_ALIGN float exponentials[kRowsAtOnce];  // sum of exp(z - max z)
  HWY_ALIGN float shifted[kRowsAtOnce];  // sum of z - max z; not finite if some z is not, unlike
                                         // the exponentials
};

// The largest of a row, in every lane.
HWY_INLINE V32 LargestOf(const float* row, int classes) {
  const F32 d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  V32 largest = hn::Set(d, -std::numeric_limits<float>::infinity());
  int c = 0;
  for (; c + lanes <= classes; c += lanes) largest = hn::Max(largest, hn::Load(d, row + c));
  // Past the last class lies the row's padding, whose content means nothing.
  if (c < classes) {
    const auto rest = hn::FirstN(d, static_cast<size_t>(classes - c));
    largest = hn::Max(largest, hn::IfThenElse(rest, hn::Load(d, row + c), largest));
  }
  return hn::MaxOfLanes(d, largest);
}

// Where `largest` stands first, or 0 if it is not a number.
HWY_INLINE int32_t IndexOf(V32 largest, const float* row, int classes) {
  const F32 d;
  for (int c = 0; c < classes; c += static_cast<int>(hn::Lanes(d))) {
    const intptr_t at = hn::FindFirstTrue(d, hn::Eq(hn::Load(d, row + c), largest));
    if (at >= 0) return c + at < classes ? static_cast<int32_t>(c + at) : 0;
  }
  return 0;
}

// A row of logits becomes its unnormalised probabilities exp(z - max z).
HWY_INLINE void ExponentiateRow(float* HWY_RESTRICT row, int classes, int i, RowSums& sums) {
  const F32 d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const V32 largest = hn::Set(d, sums.largest[i]);
  V32 exponentials = hn::Zero(d);
  V32 shifted = hn::Zero(d);
  int c = 0;
  for (; c + lanes <= classes; c += lanes) {
    const V32 z = hn::Sub(hn::Load(d, row + c), largest);
    shifted = hn::Add(shifted, z);
    const V32 e = hn::Exp(d, z);
    exponentials = hn::Add(exponentials, e);
    hn::Store(e, d, row + c);
  }
  if (c < classes) {
    const auto rest = hn::FirstN(d, static_cast<size_t>(classes - c));
    const V32 z = hn::IfThenElseZero(rest, hn::Sub(hn::Load(d, row + c), largest));
    shifted = hn::Add(shifted, z);
    const V32 e = hn::IfThenElseZero(rest, hn::Exp(d, z));
    exponentials = hn::Add(exponentials, e);
    hn::Store(e, d, row + c);
  }
  sums.exponentials[i] = hn::GetLane(hn::SumOfLanes(d, exponentials));
  sums.shifted[i] = hn::GetLane(hn::SumOfLanes(d, shifted));
}

// `predictions` may be null.
HWY_INLINE void ExponentiateRows(MatrixView rows, int32_t* predictions, RowSums& sums) {
  for (int r = 0; r < rows.rows; ++r) {
    const V32 largest = LargestOf(rows.row(r), rows.cols);
    sums.largest[r] = hn::GetLane(largest);
    if (predictions != nullptr) predictions[r] = IndexOf(largest, rows.row(r), rows.cols);
  }
  for (int r = 0; r < rows.rows; ++r) ExponentiateRow(rows.row(r), rows.cols, r, sums);
}

HWY_INLINE void Logarithms(const float* HWY_RESTRICT from, int size, float* HWY_RESTRICT to) {
  const F32 d;
  for (int i = 0; i < size; i += static_cast<int>(hn::Lanes(d))) {
    hn::Store(hn::Log(d, hn::Load(d, from + i)), d, to + i);
  }
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
  RowSums sums;
  for (int first = 0; first < logits.rows; first += kRowsAtOnce) {
    const MatrixView rows = logits.Rows(first, std::min(kRowsAtOnce, logits.rows - first));
    ExponentiateRows(rows, nullptr, sums);
    for (int r = 0; r < rows.rows; ++r) {
      ScaleRow(rows.row(r), rows.cols, 1.0f / sums.exponentials[r], 0.0f);
    }
  }
}

// Turns rows into unnormalised probabilities; losses[r] is that of row r before class weights.
HWY_INLINE void Losses(MatrixView rows, const int32_t* labels, float smoothing,
                       int32_t* predictions, RowSums& sums, float* HWY_RESTRICT losses) {
  const float even_share = smoothing / static_cast<float>(rows.cols);
  float z_label[kRowsAtOnce];
  HWY_ALIGN float logarithms[kRowsAtOnce];
  for (int r = 0; r < rows.rows; ++r) z_label[r] = rows.row(r)[labels[r]];
  ExponentiateRows(rows, predictions, sums);
  Logarithms(sums.exponentials, rows.rows, logarithms);
  for (int r = 0; r < rows.rows; ++r) {
    // Without smoothing the last term is zero, or NaN if some logit is not finite.
    losses[r] = logarithms[r] - (1.0f - smoothing) * (z_label[r] - sums.largest[r]) -
                even_share * sums.shifted[r];
  }
}

double CrossEntropyGradientImpl(MatrixView logits, const int32_t* labels,
                                const CrossEntropyOptions& options, int32_t* predictions) {
  const float even_share = options.smoothing / static_cast<float>(logits.cols);
  RowSums sums;
  float losses[kRowsAtOnce];
  double total = 0;
  for (int first = 0; first < logits.rows; first += kRowsAtOnce) {
    const MatrixView rows = logits.Rows(first, std::min(kRowsAtOnce, logits.rows - first));
    Losses(rows, labels + first, options.smoothing, predictions + first, sums, losses);
    for (int r = 0; r < rows.rows; ++r) {
      const int32_t label = labels[first + r];
      const float weight = options.class_weights == nullptr ? 1.0f : options.class_weights[label];
      total += static_cast<double>(weight * losses[r]);
      const float scale = weight * options.gradient_scale;
      float* const row = rows.row(r);
      ScaleRow(row, rows.cols, scale / sums.exponentials[r], -scale * even_share);
      row[label] -= scale * (1.0f - options.smoothing);
    }
  }
  return total;
}

double CrossEntropyImpl(MatrixView logits, const int32_t* labels, int32_t* predictions) {
  RowSums sums;
  float losses[kRowsAtOnce];
  double total = 0;
  for (int first = 0; first < logits.rows; first += kRowsAtOnce) {
    const MatrixView rows = logits.Rows(first, std::min(kRowsAtOnce, logits.rows - first));
    Losses(rows, labels + first, 0.0f, predictions + first, sums, losses);
    for (int r = 0; r < rows.rows; ++r) total += static_cast<double>(losses[r]);
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
