// Coarse to fine against plain random (and Sobol) at equal budget: for each test function the
// median best value, its quartiles, and how often zoom beats random with the same seed.
//
//   zoom_vs_random [TRIALS [PARALLEL [SEEDS [ROUNDS KEEP EXPLORE]]]]
//
// PARALLEL trials run at once, so each proposal knows only those that ended before. Defaults: 60
// trials, 4 at once, 21 seeds, the settings of ExpandJob().
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/status/check.h"
#include "coordinator/search/expand_job.h"
#include "coordinator/search/sampler.h"
#include "tests/bench/test_functions.h"

namespace caviar::bench {
namespace {

struct Settings {
  int trials = 60;
  int parallel = 4;
  int seeds = 21;
  v1::ZoomSampler zoom;
};

// The best value of one job.
double BestOfJob(const TestFunction& function, const search::Sampler& sampler,
                 const Settings& settings, uint64_t seed) {
  std::vector<search::Point> points;
  points.reserve(settings.trials);
  search::History history(v1::Objective::MINIMIZE);
  size_t ended = 0;
  double best = 0;
  for (int trial = 1; trial <= settings.trials; ++trial) {
    absl::StatusOr<search::Proposal> proposal =
        sampler.Propose({.space = function.space,
                         .seed = seed,
                         .trial_number = static_cast<uint32_t>(trial),
                         .budget_trials = static_cast<uint32_t>(settings.trials),
                         .history = &history});
    CAVIAR_CHECK_OK(proposal.status());
    points.push_back(std::move(proposal->point));
    history.AddPoint(points.back());
    const double value = function.value(points.back());
    best = trial == 1 ? value : std::min(best, value);
    if (trial >= settings.parallel) {  // the oldest running trial ends
      const search::Point& point = points[ended++];
      history.AddValue(static_cast<uint32_t>(ended), &point, function.value(point));
    }
  }
  return best;
}

struct Quartiles {
  double low, median, high;
};

Quartiles QuartilesOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&values](double share) {
    return values[static_cast<size_t>(share * (values.size() - 1) + 0.5)];
  };
  return {at(0.25), at(0.5), at(0.75)};
}

void PrintFunction(const TestFunction& function, const Settings& settings, int& functions_won) {
  const std::unique_ptr<search::Sampler> samplers[] = {search::MakeRandomSampler(),
                                                       search::MakeSobolSampler(),
                                                       search::MakeZoomSampler(settings.zoom)};
  std::vector<double> best[3];
  int wins = 0;
  for (int seed = 1; seed <= settings.seeds; ++seed) {
    for (int i = 0; i < 3; ++i) {
      best[i].push_back(BestOfJob(function, *samplers[i], settings, seed));
    }
    wins += best[2].back() < best[0].back();
  }
  const Quartiles random = QuartilesOf(best[0]);
  const Quartiles sobol = QuartilesOf(best[1]);
  const Quartiles zoom = QuartilesOf(best[2]);
  std::printf(
      "| %-20s | %8.4g | %8.4g (%.4g to %.4g) | %8.4g | %8.4g (%.4g to %.4g) | %d of %d |\n",
      function.name.c_str(), function.optimum, random.median, random.low, random.high, sobol.median,
      zoom.median, zoom.low, zoom.high, wins, settings.seeds);
  functions_won += zoom.median < random.median;
}

v1::ZoomSampler DefaultZoom() {
  v1::JobSpec spec;
  spec.set_dataset("none");
  spec.mutable_sampler()->mutable_zoom();
  const absl::StatusOr<search::ExpandedJob> job = search::ExpandJob(spec, v1::Dataset(), 1);
  CAVIAR_CHECK_OK(job.status());
  return job->spec.sampler().zoom();
}

int Main(int argc, char** argv) {
  Settings settings;
  settings.zoom = DefaultZoom();
  if (argc > 1) settings.trials = std::atoi(argv[1]);
  if (argc > 2) settings.parallel = std::atoi(argv[2]);
  if (argc > 3) settings.seeds = std::atoi(argv[3]);
  if (argc > 6) {
    settings.zoom.set_rounds(std::atoi(argv[4]));
    settings.zoom.set_keep(std::atof(argv[5]));
    settings.zoom.set_explore(std::atof(argv[6]));
  }
  if (settings.trials < 1 || settings.parallel < 1 || settings.seeds < 1) {
    std::fprintf(stderr, "usage: %s [TRIALS [PARALLEL [SEEDS [ROUNDS KEEP EXPLORE]]]]\n", argv[0]);
    return 2;
  }
  std::printf(
      "Best of %d trials, %d at once, %d seeds; zoom with %d rounds, keep %g, explore %g.\n"
      "Median (quartiles); lower is better.\n\n",
      settings.trials, settings.parallel, settings.seeds, settings.zoom.rounds(),
      settings.zoom.keep(), settings.zoom.explore());
  std::printf(
      "| function | optimum | random | sobol | zoom | zoom beats random |\n"
      "|---|---|---|---|---|---|\n");
  int functions_won = 0;
  const std::vector<TestFunction> functions = TestFunctions();
  for (const TestFunction& function : functions) PrintFunction(function, settings, functions_won);
  std::printf("\nzoom has the better median on %d of %zu functions.\n", functions_won,
              functions.size());
  return functions_won == static_cast<int>(functions.size()) ? 0 : 1;
}

}  // namespace
}  // namespace caviar::bench

int main(int argc, char** argv) { return caviar::bench::Main(argc, argv); }
