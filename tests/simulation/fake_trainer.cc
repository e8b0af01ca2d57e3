#include "tests/simulation/fake_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "coordinator/engine/lineage.h"

namespace caviar::simulation {
namespace {

// 64 hex digits without the cost of a real hash.
std::string FakeDigest(uint64_t a, uint64_t b) {
  return absl::StrCat(absl::Hex(DeriveSeed(a, b), absl::kZeroPad16),
                      absl::Hex(DeriveSeed(b, a), absl::kZeroPad16), absl::Hex(a, absl::kZeroPad16),
                      absl::Hex(b, absl::kZeroPad16));
}

}  // namespace

TrialPlan PlanOf(const Swarm& swarm, uint64_t trial_seed, uint32_t epochs) {
  Rng rng(DeriveSeed(trial_seed, "plan"));
  const auto draw = [&](double share) -> uint32_t {
    const double u = rng.Uniform();
    const uint32_t epoch = 1 + rng.UniformInt(std::max<uint32_t>(epochs, 1));
    return u < share ? epoch : 0;
  };
  TrialPlan plan;
  plan.infeasible_at = draw(swarm.infeasible_share);
  plan.patience_at = draw(swarm.patience_share);
  plan.fails_at = draw(swarm.failing_share);
  plan.kills_at = draw(swarm.poison_share);
  return plan;
}

const std::vector<std::string>& FakeMetricNames() {
  static const auto& names =
      *new std::vector<std::string>{"validation_accuracy", "validation_loss", "seconds"};
  return names;
}

std::vector<double> FakeMetrics(const Swarm& swarm, uint64_t trial_seed, uint32_t epoch) {
  Rng rng(DeriveSeed(trial_seed, epoch));
  // Few different values, so that there are ties.
  double accuracy = rng.UniformInt(32) / 32.0;
  double loss = rng.UniformInt(64) / 16.0;
  if (rng.Uniform() < swarm.nan_share) {
    accuracy = std::numeric_limits<double>::quiet_NaN();
    loss = std::numeric_limits<double>::infinity();
  }
  return {accuracy, loss, 0};
}

uint64_t ExtendHistory(uint64_t history, double dropout) {
  if (history == 0 && dropout == 0) return 0;
  return DeriveSeed(history + 1, static_cast<uint64_t>(dropout * 1000));
}

double DropoutAt(const v1::Assign& assign, uint32_t epoch) {
  const auto first = assign.hyperparameters().fields().find("dropout");
  double dropout =
      first == assign.hyperparameters().fields().end() ? 0 : first->second.number_value();
  for (const v1::Change& change : assign.changes()) {
    const auto set = change.set().fields().find("dropout");
    if (change.after_epoch() >= epoch || set == change.set().fields().end()) continue;
    dropout = set->second.number_value();
  }
  return dropout;
}

uint64_t LearningSeed(uint64_t trial_seed, uint64_t history) {
  return history == 0 ? trial_seed : DeriveSeed(trial_seed, history);
}

void Improve(const Swarm& swarm, const v1::Objective& objective, uint64_t learning_seed,
             uint32_t epoch, std::optional<double>& best, uint32_t& best_epoch) {
  const std::vector<double> values = FakeMetrics(swarm, learning_seed, epoch);
  const double value = values[objective.metric() == FakeMetricNames().front() ? 0 : 1];
  if (!std::isfinite(value)) return;
  if (best.has_value() && !engine::IsBetter(objective.direction(), value, *best)) {
    return;
  }
  best = value;
  best_epoch = epoch;
}

std::string CheckpointDigest(uint32_t job, uint64_t learning_seed, uint32_t epoch) {
  return FakeDigest(DeriveSeed(learning_seed, job), 2 * uint64_t{epoch});
}

std::string ModelDigest(uint32_t job, uint64_t learning_seed, uint32_t epoch) {
  return FakeDigest(DeriveSeed(learning_seed, job), 2 * uint64_t{epoch} + 1);
}

}  // namespace caviar::simulation
