#include "coordinator/search/minimize_in_box.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "common/status/check.h"

namespace caviar::search {
namespace {

constexpr size_t kMemory = 8;
constexpr double kSufficientDecrease = 1e-4;
constexpr int kStepHalvingsMax = 12;
constexpr double kGradientTolerance = 1e-7;
constexpr double kValueTolerance = 1e-9;
// The first step has no curvature to go by.
constexpr double kFirstStep = 0.1;

using Vector = std::vector<double>;

double DotProduct(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct Correction {
  Vector step;
  Vector turn;  // of the gradient
  double inverse_curvature = 0;
};

// The gradient without what would only push against the box.
Vector FreePart(const Vector& x, const Vector& gradient, const Box& box) {
  Vector free = gradient;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool is_blocked =
        (x[i] <= box.lower[i] && gradient[i] > 0) || (x[i] >= box.upper[i] && gradient[i] < 0);
    if (is_blocked) free[i] = 0;
  }
  return free;
}

// The two-loop recursion, on the free coordinates.
Vector Direction(const Vector& free, const std::deque<Correction>& memory) {
  Vector q = free;
  std::vector<double> shares(memory.size());
  for (size_t k = memory.size(); k-- > 0;) {
    shares[k] = memory[k].inverse_curvature * DotProduct(memory[k].step, q);
    for (size_t i = 0; i < q.size(); ++i) q[i] -= shares[k] * memory[k].turn[i];
  }
  if (!memory.empty()) {
    const Correction& last = memory.back();
    const double scale = 1 / (last.inverse_curvature * DotProduct(last.turn, last.turn));
    for (double& entry : q) entry *= scale;
  }
  for (size_t k = 0; k < memory.size(); ++k) {
    const double turn = memory[k].inverse_curvature * DotProduct(memory[k].turn, q);
    for (size_t i = 0; i < q.size(); ++i) q[i] += (shares[k] - turn) * memory[k].step[i];
  }
  for (size_t i = 0; i < q.size(); ++i) q[i] = free[i] == 0 ? 0 : -q[i];
  return q;
}

class Search {
 public:
  Search(const SmoothFunction& function, Vector start, const Box& box, int evaluations_max)
      : function_(function), box_(box), left_(evaluations_max), x_(std::move(start)) {
    CAVIAR_CHECK(box.lower.size() == x_.size() && box.upper.size() == x_.size());
    for (size_t i = 0; i < x_.size(); ++i) x_[i] = std::clamp(x_[i], box.lower[i], box.upper[i]);
    gradient_.resize(x_.size());
    value_ = Evaluate(x_, gradient_);
  }

  Minimum Run() && {
    while (left_ > 0 && std::isfinite(value_) && Advance()) {
    }
    return {std::move(x_), value_};
  }

 private:
  double Evaluate(const Vector& x, Vector& gradient) {
    --left_;
    return function_(x, gradient);
  }

  // One line search; false if there is nowhere to go.
  bool Advance() {
    const Vector free = FreePart(x_, gradient_, box_);
    const double steepness = std::sqrt(DotProduct(free, free));
    if (steepness < kGradientTolerance) return false;
    Vector direction = Direction(free, memory_);
    if (memory_.empty() || !(DotProduct(direction, free) < 0)) {
      memory_.clear();
      for (size_t i = 0; i < free.size(); ++i) {
        direction[i] = -free[i] * std::min(1.0, kFirstStep / steepness);
      }
    }
    Vector next(x_.size());
    Vector next_gradient(x_.size());
    double length = 1;
    for (int halving = 0; halving <= kStepHalvingsMax && left_ > 0; ++halving, length /= 2) {
      double promised = 0;
      for (size_t i = 0; i < x_.size(); ++i) {
        next[i] = std::clamp(x_[i] + length * direction[i], box_.lower[i], box_.upper[i]);
        promised += gradient_[i] * (next[i] - x_[i]);
      }
      const double value = Evaluate(next, next_gradient);
      if (!(value <= value_ + kSufficientDecrease * promised)) continue;
      const double gain = value_ - value;
      Remember(next, next_gradient);
      x_ = next;
      gradient_ = next_gradient;
      value_ = value;
      return gain > kValueTolerance * (1 + std::abs(value));
    }
    return false;
  }

  void Remember(const Vector& next, const Vector& next_gradient) {
    Correction correction{Vector(x_.size()), Vector(x_.size()), 0};
    for (size_t i = 0; i < x_.size(); ++i) {
      correction.step[i] = next[i] - x_[i];
      correction.turn[i] = next_gradient[i] - gradient_[i];
    }
    const double curvature = DotProduct(correction.step, correction.turn);
    if (!(curvature > 1e-12)) return;
    correction.inverse_curvature = 1 / curvature;
    memory_.push_back(std::move(correction));
    if (memory_.size() > kMemory) memory_.pop_front();
  }

  const SmoothFunction& function_;
  const Box& box_;
  int left_;
  Vector x_;
  Vector gradient_;
  double value_ = 0;
  std::deque<Correction> memory_;
};

}  // namespace

Minimum MinimizeInBox(const SmoothFunction& function, std::vector<double> start, const Box& box,
                      int evaluations_max) {
  return Search(function, std::move(start), box, evaluations_max).Run();
}

}  // namespace caviar::search
