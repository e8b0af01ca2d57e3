#include "worker/nn/parameters.h"

#include <utility>

namespace caviar::nn {
namespace {

std::vector<size_t> Offsets(const std::vector<size_t>& sizes, size_t* end) {
  std::vector<size_t> offsets;
  for (const size_t size : sizes) {
    offsets.push_back(*end);
    *end += linalg::PaddedSize(size);
  }
  return offsets;
}

}  // namespace

ParameterLayout::ParameterLayout(std::vector<size_t> weights, std::vector<size_t> others,
                                 std::vector<size_t> statistics)
    : weights_(std::move(weights)), others_(std::move(others)), statistics_(std::move(statistics)) {
  weight_offsets_ = Offsets(weights_, &weights_end_);
  trainable_end_ = weights_end_;
  other_offsets_ = Offsets(others_, &trainable_end_);
  values_end_ = trainable_end_;
  statistic_offsets_ = Offsets(statistics_, &values_end_);
}

Parameters::Parameters(ParameterLayout layout)
    : layout_(std::move(layout)),
      values_(layout_.values_end()),
      gradients_(layout_.trainable_end()) {}

Parameter Parameters::weight(int i) {
  const size_t offset = layout_.weight_offset(i), size = layout_.weight_size(i);
  return {values().subspan(offset, size), gradients().subspan(offset, size)};
}

Parameter Parameters::other(int i) {
  const size_t offset = layout_.other_offset(i), size = layout_.other_size(i);
  return {values().subspan(offset, size), gradients().subspan(offset, size)};
}

std::span<float> Parameters::statistic(int i) {
  return values().subspan(layout_.statistic_offset(i), layout_.statistic_size(i));
}

}  // namespace caviar::nn
