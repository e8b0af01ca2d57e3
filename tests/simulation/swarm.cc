#include "tests/simulation/swarm.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"

namespace caviar::simulation {
namespace {

void DrawPbt(Rng& rng, v1::JobSpec& spec) {
  v1::PbtScheduler& pbt = *spec.mutable_scheduler()->mutable_pbt();
  const int population = 2 + static_cast<int>(rng.UniformInt(4));
  const int populations = 1 + spec.budget().trials() / (2 * population);
  pbt.set_population(population);
  pbt.set_interval_epochs(1 + static_cast<int>(rng.UniformInt(spec.budget().epochs() - 1)));
  pbt.set_quantile(rng.UniformInt(2) == 0 ? 0.25 : 0.5);
  spec.mutable_budget()->set_trials(population * populations);
  // What is measured depends on it, so that a copy measures what its donor would have.
  v1::Range& dropout = *(*spec.mutable_space())["dropout"].mutable_uniform();
  dropout.set_min(0.1);
  dropout.set_max(0.5);
}

void DrawScheduler(Rng rng, v1::JobSpec& spec) {
  const int epochs = spec.budget().epochs();
  v1::TrialScheduler& scheduler = *spec.mutable_scheduler();
  const int factor = 2 + static_cast<int>(rng.UniformInt(3));
  switch (rng.UniformInt(8)) {
    case 0:
    case 1:
      if (epochs < 2) break;
      scheduler.mutable_asha()->set_reduction_factor(factor);
      scheduler.mutable_asha()->set_min_epochs(1 + static_cast<int>(rng.UniformInt(epochs - 1)));
      return;
    case 2:
      if (epochs < 2) break;
      scheduler.mutable_asha()->set_reduction_factor(factor);
      scheduler.mutable_asha()->set_stopping(true);
      return;
    case 3:
    case 4:
      if (epochs < factor) break;
      if (rng.UniformInt(4) == 0) {
        scheduler.mutable_bohb()->set_reduction_factor(factor);
        spec.mutable_sampler()->mutable_tpe()->set_startup_trials(2);
        return;
      }
      scheduler.mutable_hyperband()->set_reduction_factor(factor);
      return;
    case 5:
      scheduler.mutable_median()->set_startup_trials(1 + static_cast<int>(rng.UniformInt(4)));
      return;
    case 6:
      if (epochs < 2 || !(spec.sampler().has_random() || spec.sampler().has_sobol())) break;
      DrawPbt(rng, spec);
      return;
    default:
      break;
  }
  scheduler.mutable_full();
}

v1::JobSpec DrawJob(Rng& rng, int index, bool is_big) {
  v1::JobSpec spec;
  spec.set_name(absl::StrCat("job", index));
  spec.set_dataset("letters");
  spec.set_seed(rng.NextUint32());
  v1::Budget& budget = *spec.mutable_budget();
  budget.set_trials(is_big ? 300 + rng.UniformInt(700) : 1 + rng.UniformInt(12));
  budget.set_epochs(1 + rng.UniformInt(is_big ? 3 : 8));
  if (rng.UniformInt(3) == 0) {
    const int most = budget.trials() * budget.epochs();
    budget.set_total_epochs(1 + rng.UniformInt(most));
  }
  if (rng.UniformInt(12) == 0) budget.set_target(0.9 + rng.Uniform() / 8);
  if (rng.UniformInt(12) == 0) budget.mutable_wall_time()->set_seconds(5 + rng.UniformInt(60));
  switch (rng.UniformInt(8)) {
    case 0:
      spec.mutable_sampler()->mutable_zoom()->set_rounds(1 + rng.UniformInt(3));
      break;
    case 1:
      spec.mutable_sampler()->mutable_sobol();
      break;
    case 2:
      spec.mutable_sampler()->mutable_grid()->set_points(2 + rng.UniformInt(3));
      break;
    case 3: {
      // Its points are thought of elsewhere; a big cluster's would take minutes.
      if (!is_big && rng.UniformInt(3) == 0) {
        spec.mutable_sampler()->mutable_gp()->set_startup_trials(2);
        break;
      }
      v1::TpeSampler& tpe = *spec.mutable_sampler()->mutable_tpe();
      tpe.set_startup_trials(static_cast<int>(rng.UniformInt(4)));
      break;
    }
    case 4:
      spec.mutable_sampler()->mutable_cmaes()->set_population(4);
      break;
    case 5:  // learns anew for each point: too slow for many
      if (is_big) {
        spec.mutable_sampler()->mutable_auto_();
      } else {
        spec.mutable_sampler()->mutable_gp()->set_startup_trials(2);
      }
      break;
    default:
      spec.mutable_sampler()->mutable_random();
  }
  v1::Domain& rate = (*spec.mutable_space())["learning_rate"];
  rate.mutable_log()->set_min(1e-4);
  rate.mutable_log()->set_max(1);
  v1::Domain& batch = (*spec.mutable_space())["batch_size"];
  for (const double size : {32, 64, 128}) {
    batch.mutable_values()->add_values()->set_number_value(size);
  }
  if (rng.UniformInt(4) == 0) {
    spec.mutable_objective()->set_metric("validation_loss");
    spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  }
  if (rng.UniformInt(4) == 0) spec.set_max_parallel_trials(1 + rng.UniformInt(4));
  if (rng.UniformInt(4) == 0) spec.set_weight(0.5 + rng.UniformInt(6));
  if (Rng(DeriveSeed(spec.seed(), "terminator")).UniformInt(12) == 0) {
    budget.mutable_terminator()->set_min_trials(10);
  }
  DrawScheduler(Rng(DeriveSeed(spec.seed(), "scheduler")), spec);
  return spec;
}

// Present in `share` of all seeds; then log-uniform in [low, high].
absl::Duration DrawMean(Rng& rng, double share, double low_seconds, double high_seconds) {
  const double present = rng.Uniform();
  const double u = rng.Uniform();
  if (present >= share) return absl::InfiniteDuration();
  return absl::Seconds(low_seconds * std::pow(high_seconds / low_seconds, u));
}

double DrawShare(Rng& rng, double present_share, double most) {
  const double present = rng.Uniform();
  const double u = rng.Uniform();
  return present < present_share ? u * most : 0;
}

}  // namespace

Swarm DrawSwarm(uint64_t seed, bool is_big) {
  Swarm swarm;
  swarm.is_big = is_big;
  Rng shape(DeriveSeed(seed, "shape"));
  swarm.workers = is_big ? 300 : 1 + static_cast<int>(shape.UniformInt(5));
  swarm.slots_max = 1 + shape.UniformInt(4);
  const uint32_t jobs = 1 + shape.UniformInt(3);
  for (uint32_t i = 0; i < jobs; ++i) swarm.jobs.push_back(DrawJob(shape, i, is_big));

  Rng training(DeriveSeed(seed, "training"));
  swarm.epoch_mean = absl::Milliseconds(50 + training.UniformInt(4000));
  swarm.checkpoint_interval = absl::Milliseconds(training.UniformInt(20'000));
  swarm.infeasible_share = DrawShare(training, 0.4, 0.5);
  swarm.patience_share = DrawShare(training, 0.5, 0.6);
  swarm.failing_share = DrawShare(training, 0.1, 0.3);
  swarm.poison_share = DrawShare(training, 0.1, is_big ? 0.01 : 0.2);
  swarm.nan_share = DrawShare(training, 0.3, 0.2);

  Rng fitness(DeriveSeed(seed, "fitness knobs"));
  if (swarm.workers > 1 && fitness.UniformInt(5) == 0) {
    swarm.unfit_workers = 1 + fitness.UniformInt(std::max(1, swarm.workers / 3));
    swarm.is_unfit_for_ever = fitness.UniformInt(2) == 0;
  }
  swarm.cannot_share = DrawShare(fitness, 0.1, 0.5);

  Rng network(DeriveSeed(seed, "network knobs"));
  swarm.delay_min = absl::Milliseconds(network.UniformInt(30));
  swarm.delay_mean = absl::Milliseconds(1 + network.UniformInt(100));
  swarm.tail_share = DrawShare(network, 0.5, 0.02);
  // Means a worker or link of a small world; a big one has that many more of them.
  swarm.cut_mean = DrawMean(network, 0.6, 5, 300);
  swarm.partition_mean = DrawMean(network, 0.3, 20, 300);

  Rng crashes(DeriveSeed(seed, "crash knobs"));
  swarm.worker_crash_mean = DrawMean(crashes, 0.5, is_big ? 120 : 15, 600);
  swarm.coordinator_crash_mean = DrawMean(crashes, 0.5, is_big ? 60 : 5, 300);
  swarm.pause_mean = DrawMean(crashes, 0.3, 20, 300);
  swarm.drain_mean = DrawMean(crashes, 0.3, is_big ? 120 : 20, 300);

  Rng disk(DeriveSeed(seed, "disk knobs"));
  swarm.commit_latency_max =
      absl::Milliseconds(disk.UniformInt(3) == 0 ? disk.UniformInt(1000) : disk.UniformInt(10));
  swarm.commit_failure = DrawShare(disk, 0.3, is_big ? 0.001 : 0.01);

  Rng lies(DeriveSeed(seed, "lie knobs"));
  swarm.lie_mean = DrawMean(lies, 0.3, 1, 60);
  Rng users(DeriveSeed(seed, "user knobs"));
  swarm.user_mean = DrawMean(users, 0.4, 3, 60);
  Rng hands(DeriveSeed(seed, "adjust knobs"));
  swarm.adjust_mean = DrawMean(hands, 0.4, 1, 30);
  swarm.chaos = absl::Seconds(is_big ? 120 : 20 + shape.UniformInt(300));
  return swarm;
}

Swarm ChaosAround(const v1::JobSpec& job, uint64_t seed) {
  Swarm swarm = DrawSwarm(seed, false);
  swarm.workers = 8;
  swarm.jobs = {job};
  swarm.unfit_workers = 0;
  swarm.epoch_mean = absl::Seconds(2);
  swarm.checkpoint_interval = absl::Seconds(3);
  swarm.worker_crash_mean = absl::Seconds(2);
  swarm.coordinator_crash_mean = absl::Seconds(20);
  swarm.user_mean = absl::InfiniteDuration();
  swarm.chaos = absl::Minutes(5);
  return swarm;
}

absl::Duration DrawWait(Rng& rng, absl::Duration mean) {
  if (mean == absl::InfiniteDuration()) return mean;
  return mean * -std::log(1 - rng.Uniform());
}

}  // namespace caviar::simulation
