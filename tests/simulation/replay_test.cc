// After a chaotic run every point and decision comes out of the job's records again, with each
// sampler under each trial scheduler.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "tests/simulation/world.h"

namespace caviar::simulation {
namespace {

v1::JobSpec JobWith(const std::string& sampler, const std::string& scheduler) {
  v1::JobSpec spec;
  spec.set_name("replayed");
  spec.set_dataset("letters");
  spec.set_seed(11);
  spec.mutable_budget()->set_trials(60);
  spec.mutable_budget()->set_epochs(9);
  v1::Sampler& kind = *spec.mutable_sampler();
  if (sampler == "random") kind.mutable_random();
  if (sampler == "grid") kind.mutable_grid()->set_points(5);
  if (sampler == "sobol") kind.mutable_sobol();
  if (sampler == "zoom") kind.mutable_zoom();
  if (sampler == "tpe") kind.mutable_tpe();
  if (sampler == "gp") kind.mutable_gp();
  if (sampler == "cmaes") kind.mutable_cmaes()->set_population(6);
  if (sampler == "auto") kind.mutable_auto_();
  v1::TrialScheduler& trials = *spec.mutable_scheduler();
  if (scheduler == "full") trials.mutable_full();
  if (scheduler == "median") trials.mutable_median()->set_startup_trials(2);
  if (scheduler == "asha") trials.mutable_asha()->set_reduction_factor(3);
  if (scheduler == "stopping") {
    trials.mutable_asha()->set_reduction_factor(3);
    trials.mutable_asha()->set_stopping(true);
  }
  if (scheduler == "bohb") trials.mutable_bohb()->set_reduction_factor(3);
  if (scheduler == "hyperband") trials.mutable_hyperband()->set_reduction_factor(3);
  if (scheduler == "pbt") {
    trials.mutable_pbt()->set_population(12);
    trials.mutable_pbt()->set_interval_epochs(3);
  }
  v1::Domain& rate = (*spec.mutable_space())["learning_rate"];
  rate.mutable_log()->set_min(1e-4);
  rate.mutable_log()->set_max(1);
  v1::Domain& batch = (*spec.mutable_space())["batch_size"];
  for (const double size : {32, 64, 128}) {
    batch.mutable_values()->add_values()->set_number_value(size);
  }
  // In the simulation dropout stands for what changes on the way, as with pbt.
  v1::Domain& share = (*spec.mutable_space())[scheduler == "pbt" ? "dropout" : "weight_decay"];
  share.mutable_uniform()->set_max(0.5);
  (*spec.add_enqueue()->mutable_fields())["learning_rate"].set_number_value(0.01);
  return spec;
}

class ReplayTest : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(ReplayTest, EverythingComesOutAfterAChaoticRun) {
  const auto& [sampler, scheduler] = GetParam();
  std::map<std::string, uint64_t> reached;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.swarm = ChaosAround(JobWith(sampler, scheduler), seed);
    const RunResult result = RunSimulation(options);
    EXPECT_EQ(result.failure, "") << "seed " << seed;
    for (const auto& [what, times] : result.reached) reached[what] += times;
  }
  EXPECT_GT(reached["worker killed"], 3u);
  EXPECT_GT(reached["retry"], 3u);
  EXPECT_EQ(reached["replayed point"], 3 * 60u);
  EXPECT_EQ(reached["replayed decision"] > 60, std::string(scheduler) != "full");
}

INSTANTIATE_TEST_SUITE_P(All, ReplayTest,
                         ::testing::Combine(::testing::Values("random", "grid", "sobol", "zoom",
                                                              "tpe", "gp", "cmaes", "auto"),
                                            ::testing::Values("full", "median", "asha", "stopping",
                                                              "hyperband")),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) + "_" +
                                  std::get<1>(info.param);
                         });

INSTANTIATE_TEST_SUITE_P(Bohb, ReplayTest,
                         ::testing::Combine(::testing::Values("tpe"), ::testing::Values("bohb")));

INSTANTIATE_TEST_SUITE_P(Pbt, ReplayTest,
                         ::testing::Combine(::testing::Values("random", "sobol"),
                                            ::testing::Values("pbt")));

}  // namespace
}  // namespace caviar::simulation
