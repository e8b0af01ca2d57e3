#include "coordinator/search/scale.h"

#include <algorithm>
#include <cmath>

namespace caviar::search {
namespace {

// A straight line between two ends that is exact at both, which lo + u * (hi - lo) is not.
double Between(double at_zero, double at_one, double u) { return (1 - u) * at_zero + u * at_one; }

double UnclampedValue(Scale scale, double min, double max, double u) {
  switch (scale) {
    case Scale::kLinear:
      return Between(min, max, u);
    case Scale::kLog:
      return std::exp(Between(std::log(min), std::log(max), u));
    case Scale::kLogComplement:
      // expm1 and log1p keep the digits of windows that 1 - x would lose near x = 0.
      return -std::expm1(Between(std::log1p(-min), std::log1p(-max), u));
    case Scale::kReverseLog:
      return min + max - std::exp(Between(std::log(max), std::log(min), u));
  }
  return min;
}

double UnclampedUnit(Scale scale, double min, double max, double value) {
  switch (scale) {
    case Scale::kLinear:
      return (value - min) / (max - min);
    case Scale::kLog:
      return (std::log(value) - std::log(min)) / (std::log(max) - std::log(min));
    case Scale::kLogComplement:
      return (std::log1p(-value) - std::log1p(-min)) / (std::log1p(-max) - std::log1p(-min));
    case Scale::kReverseLog:
      return (std::log(max) - std::log(min + max - value)) / (std::log(max) - std::log(min));
  }
  return 0.5;
}

}  // namespace

double ValueAtUnit(Scale scale, double min, double max, double u) {
  return std::clamp(UnclampedValue(scale, min, max, u), min, max);
}

double UnitOfValue(Scale scale, double min, double max, double value) {
  if (min == max) return 0.5;
  // Clamped before the logarithms, whose domain ends with the interval.
  return std::clamp(UnclampedUnit(scale, min, max, std::clamp(value, min, max)), 0.0, 1.0);
}

}  // namespace caviar::search
