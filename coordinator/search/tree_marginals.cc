#include "coordinator/search/tree_marginals.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace caviar::search {
namespace {

// A box's extent on one axis.
struct Side {
  double low = 0;  // not in it
  double high = 1;
  std::vector<uint8_t> has_choice;  // by index
  size_t choices = 0;               // how many of them it has
};

// A function of one parameter that is constant between places, or at each choice.
class StepFunction {
 public:
  explicit StepFunction(const TreeAxis& axis) : at_choice_(axis.choices, 0) {}

  void Add(const Side& side, double value) {
    if (at_choice_.empty()) {
      steps_.emplace_back(side.low, value);
      steps_.emplace_back(side.high, -value);
      return;
    }
    for (size_t i = 0; i < at_choice_.size(); ++i) {
      if (side.has_choice[i]) at_choice_[i] += value;
    }
  }

  double Variance() {
    double mean = 0, mean_square = 0;
    const auto add = [&](double share, double value) {
      mean += share * value;
      mean_square += share * value * value;
    };
    for (const double value : at_choice_) add(1.0 / at_choice_.size(), value);
    std::sort(steps_.begin(), steps_.end());
    double value = 0;
    for (size_t i = 0; i + 1 < steps_.size(); ++i) {
      value += steps_[i].second;
      add(steps_[i + 1].first - steps_[i].first, value);
    }
    // Outside the first and the last step it is 0: nothing to add.
    return std::max(0.0, mean_square - mean * mean);
  }

 private:
  std::vector<std::pair<double, double>> steps_;  // place, rise
  std::vector<double> at_choice_;
};

class Sweep {
 public:
  Sweep(const RegressionTree& tree, const std::vector<TreeAxis>& axes) : tree_(tree), axes_(axes) {
    for (const TreeAxis& axis : axes_) {
      box_.push_back(
          {.has_choice = std::vector<uint8_t>(axis.choices, 1), .choices = axis.choices});
      functions_.emplace_back(axis);
    }
  }

  MarginalVariances Run() {
    Visit(0);
    MarginalVariances variances;
    variances.total = std::max(0.0, mean_square_ - mean_ * mean_);
    for (size_t i = 0; i < axes_.size(); ++i) {
      double region_share = 1;
      for (const ActiveSide& side : axes_[i].region) {
        double share = 0;
        for (const double value_share : side.shares) share += value_share;
        region_share *= share;
      }
      // The functions are integrals over the region, not means: region_share times too small.
      variances.marginal.push_back(region_share > 0 ? functions_[i].Variance() / region_share : 0);
    }
    return variances;
  }

 private:
  // As deep as the tree.
  void Visit(int index) {
    const TreeNode& node = tree_[index];
    if (node.column < 0) return AddLeaf(node.value);
    Side& side = box_[node.column];
    if (axes_[node.column].choices == 0) {
      const double high = std::exchange(side.high, node.threshold);
      Visit(node.left);
      side.high = high;
      const double low = std::exchange(side.low, node.threshold);
      Visit(node.right);
      side.low = low;
      return;
    }
    const auto choice = static_cast<size_t>(node.threshold);
    side.has_choice[choice] = 0;
    --side.choices;
    Visit(node.right);
    const size_t others = std::exchange(side.choices, 1);
    std::vector<uint8_t> only(side.has_choice.size(), 0);
    only[choice] = 1;
    side.has_choice.swap(only);
    Visit(node.left);
    side.has_choice.swap(only);
    side.has_choice[choice] = 1;
    side.choices = others + 1;
  }

  void AddLeaf(double value) {
    double volume = 1;
    for (size_t i = 0; i < axes_.size(); ++i) volume *= ShareOf(i);
    mean_ += volume * value;
    mean_square_ += volume * value * value;
    for (size_t i = 0; i < axes_.size(); ++i) {
      if (IsWhole(i)) continue;  // moves the whole function, which does not vary by it
      double others = volume / ShareOf(i);
      for (const ActiveSide& active : axes_[i].region) {
        others *= ActiveShareOf(active) / ShareOf(active.parameter);
      }
      functions_[i].Add(box_[i], others * value);
    }
  }

  bool IsWhole(size_t axis) const {
    const Side& side = box_[axis];
    const size_t choices = axes_[axis].choices;
    return choices > 0 ? side.choices == choices : side.low == 0 && side.high == 1;
  }

  // Of the axis, in the box.
  double ShareOf(size_t axis) const {
    const Side& side = box_[axis];
    const size_t choices = axes_[axis].choices;
    return choices > 0 ? static_cast<double>(side.choices) / static_cast<double>(choices)
                       : side.high - side.low;
  }

  double ActiveShareOf(const ActiveSide& active) const {
    const Side& side = box_[active.parameter];
    const bool is_choice = axes_[active.parameter].choices > 0;
    double share = 0;
    for (size_t i = 0; i < active.places.size(); ++i) {
      const double place = active.places[i];
      const bool is_in = is_choice ? side.has_choice[static_cast<size_t>(place)] != 0
                                   : side.low < place && place <= side.high;
      if (is_in) share += active.shares[i];
    }
    return share;
  }

  const RegressionTree& tree_;
  const std::vector<TreeAxis>& axes_;
  std::vector<Side> box_;
  std::vector<StepFunction> functions_;
  double mean_ = 0;
  double mean_square_ = 0;
};

}  // namespace

std::vector<TreeAxis> TreeAxesOf(const Space& space) {
  std::vector<TreeAxis> axes;
  for (int i = 0; i < space.size(); ++i) {
    const Parameter& parameter = space.parameter(i);
    TreeAxis& axis = axes.emplace_back();
    if (parameter.kind() == Parameter::Kind::kChoice) axis.choices = parameter.values().size();
    axis.region = ActiveRegion(space, i);
  }
  return axes;
}

MarginalVariances MarginalVariancesOf(const RegressionTree& tree,
                                      const std::vector<TreeAxis>& axes) {
  return Sweep(tree, axes).Run();
}

}  // namespace caviar::search
