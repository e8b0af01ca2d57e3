// All samplers at equal budget on functions whose optimum is known, and what a proposal costs.
//
//   bench_samplers [TRIALS [PARALLEL [SEEDS]]]         table: median best value and quartiles
//   bench_samplers --values [TRIALS [PARALLEL [SEEDS]]]  one line a search: function, sampler,
//                                                        seed, best value; tab separated
//   bench_samplers --time                               table: microseconds a proposal
//
// PARALLEL trials run at once, so that each proposal knows only those that ended before. Defaults:
// 100 trials, one at a time, 31 seeds. Samplers have the settings of ExpandJob().
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/search/choose_sampler.h"
#include "coordinator/search/cmaes_settings.h"
#include "coordinator/search/expand_job.h"
#include "coordinator/search/job_sampler.h"
#include "coordinator/search/unit_draw.h"
#include "tests/bench/test_functions.h"

namespace caviar::bench {
namespace {

// Those that this build's job files know are run.
constexpr const char* kSamplers[] = {"random", "sobol", "zoom", "tpe", "gp", "cmaes", "auto"};

struct Settings {
  int trials = 100;
  int parallel = 1;
  int seeds = 31;
};

bool IsKnown(const std::string& sampler) {
  return v1::Sampler::descriptor()->FindFieldByName(sampler) != nullptr;
}

// With every default filled in.
v1::Sampler SamplerNamed(const std::string& name, const TestFunction& function, int trials) {
  v1::JobSpec spec;
  spec.set_dataset("none");
  spec.mutable_budget()->set_trials(trials);
  v1::JobSpec of_function = spec;
  for (int i = 0; i < function.space.size(); ++i) {
    const search::Parameter& parameter = function.space.parameter(i);
    (*of_function.mutable_space())[parameter.name()] = parameter.domain();
  }
  if (name == "auto") {
    *spec.mutable_sampler() = search::ChooseSampler(of_function).sampler;
  } else {
    v1::Sampler& sampler = *spec.mutable_sampler();
    sampler.GetReflection()->MutableMessage(&sampler,
                                            sampler.GetDescriptor()->FindFieldByName(name));
  }
  const absl::StatusOr<search::ExpandedJob> job = search::ExpandJob(spec, v1::Dataset(), 1);
  CAVIAR_CHECK_OK(job.status());
  v1::Sampler sampler = job->spec.sampler();
  if (sampler.has_cmaes()) {  // its population is that of the space, whose names no job knows
    sampler.mutable_cmaes()->clear_population();
    search::FillCmaes(of_function.space(), *sampler.mutable_cmaes());
  }
  return sampler;
}

search::JobSampler SamplerOfJob(const v1::Sampler& sampler, const TestFunction& function,
                                int trials, uint64_t seed) {
  v1::JobSpec spec;
  spec.mutable_budget()->set_trials(trials);
  *spec.mutable_sampler() = sampler;
  spec.set_seed(static_cast<uint32_t>(seed));
  for (int i = 0; i < function.space.size(); ++i) {
    const search::Parameter& parameter = function.space.parameter(i);
    (*spec.mutable_space())[parameter.name()] = parameter.domain();
  }
  absl::StatusOr<search::JobSampler> made = search::JobSampler::Create(spec);
  CAVIAR_CHECK_OK(made.status());
  return *std::move(made);
}

// What a job shows its sampler; ended trials minimise.
class Job {
 public:
  Job(const TestFunction& function, const v1::Sampler& sampler, const Settings& settings,
      uint64_t seed)
      : function_(function),
        sampler_(SamplerOfJob(sampler, function, settings.trials, seed)),
        observations_(function.space, v1::Objective::MINIMIZE) {
    points_.reserve(settings.trials);
  }

  search::Proposal Propose() const {
    absl::StatusOr<search::Proposal> proposal =
        sampler_.Propose(static_cast<uint32_t>(points_.size()) + 1, history_, observations_);
    CAVIAR_CHECK_OK(proposal.status());
    return *std::move(proposal);
  }

  void Create(const search::Proposal& proposal) {
    points_.push_back(proposal.point);
    history_.AddPoint(proposal.point);
    observations_.AddTrial(function_.space, proposal.point, proposal.note);
  }

  // The oldest running trial ends.
  void End() {
    const search::Point& point = points_[ended_++];
    const double value = function_.value(point);
    history_.AddValue(static_cast<uint32_t>(ended_), &point, value);
    observations_.EndTrial(static_cast<uint32_t>(ended_), search::Observations::Outcome::kCompleted,
                           value, 1);
  }

  // Of all trials, ended or not.
  double Best() const {
    double best = function_.value(points_.front());
    for (const search::Point& point : points_) best = std::min(best, function_.value(point));
    return best;
  }

 private:
  const TestFunction& function_;
  search::JobSampler sampler_;
  std::vector<search::Point> points_;
  size_t ended_ = 0;
  search::History history_{v1::Objective::MINIMIZE};
  search::Observations observations_;
};

double BestOfJob(const TestFunction& function, const v1::Sampler& sampler, const Settings& settings,
                 uint64_t seed) {
  Job job(function, sampler, settings, seed);
  for (int trial = 1; trial <= settings.trials; ++trial) {
    job.Create(job.Propose());
    if (trial >= settings.parallel) job.End();
  }
  return job.Best();
}

std::vector<double> BestOfJobs(const TestFunction& function, const std::string& name,
                               const Settings& settings) {
  const v1::Sampler sampler = SamplerNamed(name, function, settings.trials);
  std::vector<double> best;
  for (int seed = 1; seed <= settings.seeds; ++seed) {
    best.push_back(BestOfJob(function, sampler, settings, seed));
  }
  return best;
}

// At the share `at` of the sorted values.
double Quantile(const std::vector<double>& sorted, double at) {
  return sorted[static_cast<size_t>(at * (sorted.size() - 1) + 0.5)];
}

void PrintHeader(const char* first) {
  std::printf("| %s |", first);
  for (const char* sampler : kSamplers) {
    if (IsKnown(sampler)) std::printf(" %s |", sampler);
  }
  std::printf("\n|---|");
  for (const char* sampler : kSamplers) {
    if (IsKnown(sampler)) std::printf("---|");
  }
  std::printf("\n");
}

void PrintTable(const Settings& settings) {
  std::printf("Best of %d trials, %d at once: median of %d seeds (quartiles); lower is better.\n\n",
              settings.trials, settings.parallel, settings.seeds);
  PrintHeader("function (optimum)");
  for (const TestFunction& function : TestFunctions()) {
    std::printf("| %s (%.4g) |", function.name.c_str(), function.optimum);
    for (const char* sampler : kSamplers) {
      if (!IsKnown(sampler)) continue;
      std::vector<double> best = BestOfJobs(function, sampler, settings);
      std::sort(best.begin(), best.end());
      std::printf(" %.4g (%.4g to %.4g) |", Quantile(best, 0.5), Quantile(best, 0.25),
                  Quantile(best, 0.75));
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}

void PrintValues(const Settings& settings) {
  for (const TestFunction& function : TestFunctions()) {
    for (const char* sampler : kSamplers) {
      if (!IsKnown(sampler)) continue;
      const std::vector<double> best = BestOfJobs(function, sampler, settings);
      for (size_t i = 0; i < best.size(); ++i) {
        std::printf("%s\t%s\t%zu\t%.10g\n", function.name.c_str(), sampler, i + 1, best[i]);
      }
    }
  }
}

// A proposal after `ended` trials at random places, the median of `kProposals`.
double MicrosecondsAfter(int ended, const TestFunction& function, const std::string& name) {
  constexpr int kProposals = 31;
  const Settings settings{.trials = ended + kProposals, .parallel = 1};
  Job job(function, SamplerNamed(name, function, settings.trials), settings, 1);
  for (int trial = 1; trial <= ended; ++trial) {
    search::Proposal at_random;
    at_random.point = function.space.AtUnit(search::DrawUnit(function.space, 1, trial));
    job.Create(at_random);
    job.End();
  }
  std::vector<double> times;
  for (int i = 0; i < kProposals; ++i) {
    const auto start = std::chrono::steady_clock::now();
    search::Proposal proposal = job.Propose();
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
            .count());
    job.Create(proposal);
    job.End();
  }
  std::sort(times.begin(), times.end());
  return Quantile(times, 0.5);
}

void PrintTimes() {
  std::printf("Microseconds a proposal (median of 31) after so many ended trials.\n\n");
  PrintHeader("space, ended trials");
  for (const TestFunction& function : TestFunctions()) {
    if (function.name != "sphere10" && function.name != "like training") continue;
    for (const int ended : {100, 500, 1000, 10000}) {
      std::printf("| %d parameters of %s, %d |", function.space.size(), function.name.c_str(),
                  ended);
      for (const char* sampler : kSamplers) {
        if (!IsKnown(sampler)) continue;
        // A Gaussian process is not made for more.
        if (std::strcmp(sampler, "gp") == 0 && ended > 1000) {
          std::printf(" |");
          continue;
        }
        std::printf(" %.0f |", MicrosecondsAfter(ended, function, sampler));
        std::fflush(stdout);
      }
      std::printf("\n");
    }
  }
}

int Main(std::vector<std::string> arguments) {
  const std::string mode = !arguments.empty() && arguments[0].starts_with("--") ? arguments[0] : "";
  if (!mode.empty()) arguments.erase(arguments.begin());
  Settings settings;
  if (!arguments.empty()) settings.trials = std::atoi(arguments[0].c_str());
  if (arguments.size() > 1) settings.parallel = std::atoi(arguments[1].c_str());
  if (arguments.size() > 2) settings.seeds = std::atoi(arguments[2].c_str());
  const bool is_mode = mode.empty() || mode == "--values" || mode == "--time";
  if (!is_mode || arguments.size() > 3 || settings.trials < 1 || settings.parallel < 1 ||
      settings.seeds < 1) {
    std::fprintf(stderr, "usage: bench_samplers [--values | --time] [TRIALS [PARALLEL [SEEDS]]]\n");
    return 2;
  }
  if (mode == "--time") {
    PrintTimes();
  } else if (mode == "--values") {
    PrintValues(settings);
  } else {
    PrintTable(settings);
  }
  return 0;
}

}  // namespace
}  // namespace caviar::bench

int main(int argc, char** argv) { return caviar::bench::Main({argv + 1, argv + argc}); }
