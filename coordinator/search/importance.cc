#include "coordinator/search/importance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"

namespace caviar::search {
namespace {

bool Counts(const Observations::Row& row) {
  return row.outcome == Observations::Outcome::kCompleted && std::isfinite(row.loss);
}

// Strict weak order of rows; an inactive parameter comes before every place.
bool RowBefore(const Space& space, const Observations& observations, size_t a, size_t b) {
  if (observations.row(a).loss != observations.row(b).loss) {
    return observations.row(a).loss < observations.row(b).loss;
  }
  for (int i = 0; i < space.size(); ++i) {
    const double left = observations.column(i)[a];
    const double right = observations.column(i)[b];
    if (std::isnan(left) && std::isnan(right)) continue;
    if (std::isnan(left) || std::isnan(right)) return std::isnan(left);
    if (left != right) return left < right;
  }
  return false;
}

bool Differ(const std::vector<double>& places) {
  std::optional<double> first;
  for (const double place : places) {
    if (std::isnan(place)) continue;
    if (first.has_value() && place != *first) return true;
    first = place;
  }
  return false;
}

}  // namespace

absl::StatusOr<Evaluations> EvaluationsOf(const Space& space, const Observations& observations) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < observations.rows(); ++i) {
    if (Counts(observations.row(i))) rows.push_back(i);
  }
  if (rows.size() < kImportanceTrialsMin) {
    return absl::FailedPreconditionError(
        absl::StrCat("importance needs at least ", kImportanceTrialsMin,
                     " completed trials with a value, there are ", rows.size(),
                     "; ask again when more have completed"));
  }
  std::sort(rows.begin(), rows.end(),
            [&](size_t a, size_t b) { return RowBefore(space, observations, a, b); });

  Evaluations evaluations;
  for (const size_t row : rows) evaluations.losses.push_back(observations.row(row).loss);
  if (evaluations.losses.front() == evaluations.losses.back()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "all ", rows.size(), " completed trials have the same value, so no ",
        "hyperparameter made a difference; importance needs trials of different ", "values"));
  }
  evaluations.places.resize(space.size());
  bool differ = false;
  for (int i = 0; i < space.size(); ++i) {
    for (const size_t row : rows) evaluations.places[i].push_back(observations.column(i)[row]);
    differ = differ || Differ(evaluations.places[i]);
  }
  if (!differ) {
    return absl::FailedPreconditionError(
        absl::StrCat("all ", rows.size(), " completed trials have the same hyperparameters; ",
                     "importance needs trials at different points"));
  }
  return evaluations;
}

Importance ToImportance(const Space& space, const Evaluations& evaluations,
                        std::span<const double> effects, std::span<const double> deviations) {
  CAVIAR_CHECK(static_cast<int>(effects.size()) == space.size());
  const double sum = std::accumulate(effects.begin(), effects.end(), 0.0);
  const auto varies = [&space](int i) { return space.parameter(i).cardinality() != 1; };
  int varying = 0;
  for (int i = 0; i < space.size(); ++i) varying += varies(i);

  Importance importance;
  importance.trials = evaluations.losses.size();
  for (int i = 0; i < space.size(); ++i) {
    ParameterImportance& parameter = importance.parameters.emplace_back();
    parameter.name = space.parameter(i).name();
    if (sum > 0) {
      parameter.importance = effects[i] / sum;
    } else {
      parameter.importance = varies(i) ? 1.0 / varying : 0;
    }
    if (!deviations.empty()) parameter.deviation = sum > 0 ? deviations[i] / sum : 0;
  }
  // By name already, as the space has them.
  std::stable_sort(importance.parameters.begin(), importance.parameters.end(),
                   [](const ParameterImportance& a, const ParameterImportance& b) {
                     return a.importance > b.importance;
                   });
  return importance;
}

}  // namespace caviar::search
