#include "worker/train/mini_batches.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "common/status/check.h"

namespace caviar::train {
namespace {

// Rows come in random order, which no cache foresees: asked for this many rows ahead, gathering
// from a data set larger than the caches is twice as fast, a step of 784 features 1.04 times.
constexpr int kRowsAhead = 2;

void Prefetch(const float* row, int size) {
  constexpr int kCacheLine = 16;
  for (int i = 0; i < size; i += kCacheLine) __builtin_prefetch(row + i);
}

}  // namespace

MiniBatches::MiniBatches(const data::Dataset::Part& part, int features, int batch_size)
    : part_(part),
      features_(features),
      batch_size_(batch_size),
      order_(static_cast<size_t>(part.rows)) {
  CAVIAR_CHECK(part.rows >= 1 && batch_size >= 1 && batch_size <= part.rows);
  const int whole = part.rows / batch_size;
  const int rest = part.rows % batch_size;
  const bool rest_stands_alone = rest >= 2 && rest * int64_t{4} >= batch_size;
  count_ = whole + (rest_stands_alone ? 1 : 0);
}

int MiniBatches::rows(int batch) const {
  return batch + 1 < count_ ? batch_size_ : part_.rows - batch * batch_size_;
}

int MiniBatches::rows_max() const { return std::max(rows(0), rows(count_ - 1)); }

void MiniBatches::Shuffle(Rng& rng) {
  std::iota(order_.begin(), order_.end(), 0);
  rng.Shuffle(std::span<int32_t>(order_));
}

void MiniBatches::Gather(int batch, linalg::MatrixView x, std::span<int32_t> labels) const {
  const int count = rows(batch);
  CAVIAR_CHECK(x.rows == count && x.cols == features_ &&
               labels.size() == static_cast<size_t>(count));
  const int32_t* const order = order_.data() + static_cast<size_t>(batch) * batch_size_;
  const auto row_of = [&](int r) {
    return part_.x.data() + static_cast<size_t>(order[r]) * features_;
  };
  for (int r = 0; r < count; ++r) {
    if (r + kRowsAhead < count) Prefetch(row_of(r + kRowsAhead), features_);
    std::memcpy(x.row(r), row_of(r), sizeof(float) * features_);
    labels[r] = part_.labels[static_cast<size_t>(order[r])];
  }
}

}  // namespace caviar::train
