#include "coordinator/search/importance_fanova.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "common/status/status_macros.h"
#include "coordinator/search/regression_tree.h"
#include "coordinator/search/tree_marginals.h"

namespace caviar::search {
namespace {

constexpr int kDepthMax = 64;

// Losses on [-1, 1] with mean 0: shares do not depend on it, and sums of squares keep their digits.
std::vector<double> TargetsOf(const std::vector<double>& losses) {
  // Halved, so that the range of the largest numbers is a number.
  const double low = losses.front() / 2;
  const double range = losses.back() / 2 - low;
  std::vector<double> targets;
  targets.reserve(losses.size());
  for (const double loss : losses) targets.push_back((loss / 2 - low) / range);
  const double mean = std::accumulate(targets.begin(), targets.end(), 0.0) / targets.size();
  for (double& target : targets) target -= mean;
  return targets;
}

// A place as a tree's column has it: of a choice, the index.
double ColumnValue(const Parameter& parameter, double place) {
  return parameter.kind() == Parameter::Kind::kChoice ? parameter.IndexAt(place) : place;
}

bool HasGaps(const std::vector<double>& places) {
  return std::any_of(places.begin(), places.end(), [](double place) { return std::isnan(place); });
}

// Where the parameter is inactive it is drawn.
TreeColumn ColumnOf(const Parameter& parameter, const std::vector<double>& places, Rng& rng) {
  std::vector<double> values;
  values.reserve(places.size());
  for (const double place : places) {
    const double at =
        std::isnan(place) ? *parameter.UnitOf(parameter.AtUnit(rng.Uniform())) : place;
    values.push_back(ColumnValue(parameter, at));
  }
  return TreeColumn(std::move(values), parameter.kind() == Parameter::Kind::kChoice);
}

uint32_t DrawsOf(size_t trials) {
  return static_cast<uint32_t>(std::min<size_t>(trials, kFanovaDrawsMax));
}

// How often each trial is drawn.
std::vector<uint32_t> Bootstrap(size_t trials, Rng& rng) {
  std::vector<uint32_t> weights(trials, 0);
  const uint32_t draws = DrawsOf(trials);
  for (uint32_t i = 0; i < draws; ++i) ++weights[rng.UniformInt(static_cast<uint32_t>(trials))];
  return weights;
}

// The shares that the trees give one parameter.
class Shares {
 public:
  void Add(double share) {
    sum_ += share;
    squares_ += share * share;
    ++count_;
  }
  double Mean() const { return count_ == 0 ? 0 : sum_ / count_; }
  double Deviation() const {
    return count_ == 0 ? 0 : std::sqrt(std::max(0.0, squares_ / count_ - Mean() * Mean()));
  }

 private:
  double sum_ = 0;
  double squares_ = 0;
  int count_ = 0;
};

}  // namespace

int FanovaTrees(size_t trials) {
  return static_cast<int>(std::clamp(kFanovaTreesMin * kFanovaDrawsMax / DrawsOf(trials),
                                     kFanovaTreesMin, kFanovaTreesMax));
}

absl::StatusOr<Importance> FanovaImportance(const Space& space, const Observations& observations,
                                            uint64_t seed) {
  CAVIAR_ASSIGN_OR_RETURN(const Evaluations evaluations, EvaluationsOf(space, observations));
  const std::vector<double> targets = TargetsOf(evaluations.losses);
  const std::vector<TreeAxis> axes = TreeAxesOf(space);

  std::vector<TreeColumn> columns;
  std::vector<int> with_gaps;
  Rng first_draws(seed);
  for (int i = 0; i < space.size(); ++i) {
    columns.push_back(ColumnOf(space.parameter(i), evaluations.places[i], first_draws));
    if (HasGaps(evaluations.places[i])) with_gaps.push_back(i);
  }

  std::vector<Shares> shares(space.size());
  const uint64_t trees = FanovaTrees(targets.size());
  for (uint64_t tree = 0; tree < trees; ++tree) {
    Rng rng(DeriveSeed(seed, tree));
    const std::vector<uint32_t> weights = Bootstrap(targets.size(), rng);
    for (const int i : with_gaps) {
      columns[i] = ColumnOf(space.parameter(i), evaluations.places[i], rng);
    }
    const MarginalVariances variances =
        MarginalVariancesOf(GrowTree(columns, targets, weights, kDepthMax, rng), axes);
    if (variances.total == 0) continue;  // it drew trials of one value only
    for (int i = 0; i < space.size(); ++i) {
      shares[i].Add(variances.marginal[i] / variances.total);
    }
  }

  std::vector<double> effects, deviations;
  for (const Shares& share : shares) {
    effects.push_back(share.Mean());
    deviations.push_back(share.Deviation());
  }
  Importance importance = ToImportance(space, evaluations, effects, deviations);
  importance.explained = std::accumulate(effects.begin(), effects.end(), 0.0);
  return importance;
}

}  // namespace caviar::search
