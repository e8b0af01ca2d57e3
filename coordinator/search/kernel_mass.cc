#include "coordinator/search/kernel_mass.h"

#include <cmath>

#include "coordinator/search/normal_distribution.h"

namespace caviar::search {
namespace {

// Of a table; between two of them the logarithm is a straight line, to 1/500.
constexpr double kNodesPerBandwidth = 8;

}  // namespace

KernelMass::KernelMass(double bandwidth, size_t kernels)
    : bandwidth_(bandwidth), least_(std::log(NormalMass(0, 1 / bandwidth))) {
  const double intervals = std::ceil(kNodesPerBandwidth / bandwidth);
  if (intervals > static_cast<double>(kernels)) return;  // cheaper one by one
  intervals_ = static_cast<int>(intervals);
  std::vector<double> tail(intervals_ + 1);  // what a kernel there has below 0
  for (int i = 0; i <= intervals_; ++i) tail[i] = NormalCdf(-i / (intervals * bandwidth));
  for (int i = 0; i <= intervals_; ++i) {
    nodes_.push_back(static_cast<float>(std::log(1 - tail[i] - tail[intervals_ - i]) - least_));
  }
  nodes_.push_back(nodes_.back());  // for a mean of 1
}

float KernelMass::Above(double mean) const {
  if (nodes_.empty()) {
    const double mass = NormalMass(-mean / bandwidth_, (1 - mean) / bandwidth_);
    return static_cast<float>(std::log(mass) - least_);
  }
  const float place = static_cast<float>(mean) * static_cast<float>(intervals_);
  const int node = static_cast<int>(place);
  const float share = place - static_cast<float>(node);
  return nodes_[node] + share * (nodes_[node + 1] - nodes_[node]);
}

}  // namespace caviar::search
