#include "coordinator/search/kendall_tau.h"

#include <cmath>
#include <cstddef>

#include "common/status/check.h"

namespace caviar::search {
namespace {

int SignOf(double difference) { return (difference > 0) - (difference < 0); }

}  // namespace

std::optional<double> KendallTauB(std::span<const double> x, std::span<const double> y) {
  CAVIAR_CHECK(x.size() == y.size()) << x.size() << " and " << y.size();
  double balance = 0, untied_x = 0, untied_y = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t j = i + 1; j < x.size(); ++j) {
      const int in_x = SignOf(x[i] - x[j]), in_y = SignOf(y[i] - y[j]);
      balance += in_x * in_y;
      untied_x += in_x != 0;
      untied_y += in_y != 0;
    }
  }
  if (untied_x == 0 || untied_y == 0) return std::nullopt;
  return balance / std::sqrt(untied_x * untied_y);
}

}  // namespace caviar::search
