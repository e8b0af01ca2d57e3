#include "coordinator/search/trial_rank.h"

#include <algorithm>
#include <cmath>

namespace caviar::search {
namespace {

using Outcome = Observations::Outcome;

int RankClassOf(const Observations::Row& row) {
  if (std::isnan(row.loss) || row.outcome == Outcome::kInfeasible) return 2;
  return row.outcome == Outcome::kCompleted ? 0 : 1;
}

}  // namespace

bool RanksBefore(const Observations& observations, size_t a, size_t b) {
  const Observations::Row& row_a = observations.row(a);
  const Observations::Row& row_b = observations.row(b);
  const int class_a = RankClassOf(row_a);
  const int class_b = RankClassOf(row_b);
  if (class_a != class_b) return class_a < class_b;
  if (class_a == 1 && row_a.epochs != row_b.epochs) return row_a.epochs > row_b.epochs;
  if (class_a < 2 && row_a.loss != row_b.loss) return row_a.loss < row_b.loss;
  return a < b;
}

void SortByRank(const Observations& observations, std::vector<size_t>& rows) {
  std::sort(rows.begin(), rows.end(),
            [&observations](size_t a, size_t b) { return RanksBefore(observations, a, b); });
}

}  // namespace caviar::search
