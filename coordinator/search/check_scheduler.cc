#include "coordinator/search/check_scheduler.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "coordinator/search/job_limits.h"

namespace caviar::search {
namespace {

constexpr int kMedianStartupTrials = 5;
constexpr int kDefaultAshaFactor = 4;
constexpr int kDefaultHyperbandFactor = 3;
constexpr int kDefaultPbtGenerations = 10;
constexpr double kDefaultPbtShare = 0.25;
constexpr int kPbtPopulationMax = 1000;
// Each copy is in its trial's record, which is written with each batch of measurements.
constexpr int kPbtGenerationsMax = 200;
// Judgements a trial that median's default interval comes to at most.
constexpr int kDefaultMedianSteps = 100;

void CheckMedian(const v1::JobSpec& spec, Problems& problems) {
  const v1::MedianScheduler& median = spec.scheduler().median();
  const int32_t epochs = spec.budget().epochs();
  if (median.startup_trials() < 1) {
    problems.Add("scheduler.median.startup_trials",
                 absl::StrCat("must be > 0, got ", median.startup_trials()));
  }
  if (median.warmup_epochs() < 0) {
    problems.Add("scheduler.median.warmup_epochs",
                 absl::StrCat("must not be negative, got ", median.warmup_epochs()));
  } else if (median.warmup_epochs() >= epochs && epochs > 1) {
    problems.Add("scheduler.median.warmup_epochs",
                 absl::StrCat("must be less than budget.epochs (", epochs,
                              "), or no trial is ever stopped; got ", median.warmup_epochs()));
  }
  const int32_t shortest = (epochs + kMedianStepsMax - 1) / kMedianStepsMax;
  if (median.interval_epochs() < std::max(shortest, 1)) {
    problems.Add(
        "scheduler.median.interval_epochs",
        absl::StrCat("must be >= ", std::max(shortest, 1), ", for at most ", kMedianStepsMax,
                     " judgements in ", epochs, " epochs; got ", median.interval_epochs()));
  }
}

void CheckFactor(absl::string_view kind, int32_t factor, Problems& problems) {
  if (factor >= 2) return;
  problems.Add(absl::StrCat("scheduler.", kind, ".reduction_factor"),
               absl::StrCat("must be >= 2 (a rung keeps one trial in so many), got ", factor));
}

void CheckMinEpochs(absl::string_view kind, int32_t min_epochs, int64_t most,
                    absl::string_view bound, const v1::JobSpec& spec, Problems& problems) {
  const std::string path = absl::StrCat("scheduler.", kind, ".min_epochs");
  if (min_epochs < 1) {
    problems.Add(path, absl::StrCat("must be > 0, got ", min_epochs));
  } else if (min_epochs > most && spec.budget().epochs() >= 1) {
    problems.Add(
        path, absl::StrCat("must be ", bound, ": with budget.epochs ", spec.budget().epochs(),
                           " there is no rung at which a trial could be judged; got ", min_epochs));
  }
}

void FillPbt(v1::JobSpec& spec) {
  v1::PbtScheduler& pbt = *spec.mutable_scheduler()->mutable_pbt();
  if (pbt.population() == 0) {
    pbt.set_population(std::min(spec.budget().trials(), kPbtPopulationMax));
  }
  if (pbt.interval_epochs() == 0) {
    pbt.set_interval_epochs(std::max(1, spec.budget().epochs() / kDefaultPbtGenerations));
  }
  if (!pbt.has_quantile()) pbt.set_quantile(kDefaultPbtShare);
  if (!pbt.has_resample()) pbt.set_resample(kDefaultPbtShare);
}

void CheckPopulation(const v1::JobSpec& spec, Problems& problems) {
  const int32_t population = spec.scheduler().pbt().population();
  const int32_t trials = spec.budget().trials();
  if (population < 2 || population > kPbtPopulationMax) {
    problems.Add("scheduler.pbt.population",
                 absl::StrCat("must be in [2, ", kPbtPopulationMax, "], got ", population));
  } else if (trials % population != 0) {
    problems.Add(
        "budget.trials",
        absl::StrCat("must be a whole number of populations (scheduler.pbt.population ", population,
                     "), got ", trials, "; the next is ", (trials / population + 1) * population));
  }
}

// Written so that NaN fails too.
void CheckPbt(const v1::JobSpec& spec, Problems& problems) {
  const v1::PbtScheduler& pbt = spec.scheduler().pbt();
  const int32_t epochs = spec.budget().epochs();
  CheckPopulation(spec, problems);
  const int32_t interval_min = std::max(1, (epochs + kPbtGenerationsMax - 1) / kPbtGenerationsMax);
  if (pbt.interval_epochs() < interval_min || (pbt.interval_epochs() >= epochs && epochs >= 1)) {
    problems.Add("scheduler.pbt.interval_epochs",
                 absl::StrCat("must be in [", interval_min, ", budget.epochs = ", epochs,
                              "): trials are compared at least once and at most ",
                              kPbtGenerationsMax, " times; got ", pbt.interval_epochs()));
  }
  if (!(pbt.quantile() > 0 && pbt.quantile() <= 0.5)) {
    problems.Add("scheduler.pbt.quantile",
                 absl::StrCat("must be in (0, 0.5], got ", pbt.quantile()));
  }
  if (!(pbt.resample() >= 0 && pbt.resample() <= 1)) {
    problems.Add("scheduler.pbt.resample", absl::StrCat("must be in [0, 1], got ", pbt.resample()));
  }
  const v1::Sampler& sampler = spec.sampler();
  if (!sampler.has_random() && !sampler.has_sobol() && !sampler.has_grid()) {
    problems.Add("sampler",
                 "must be random, sobol or grid with scheduler pbt, which asks for the first "
                 "points only and changes them itself");
  }
}

}  // namespace

void FillScheduler(v1::JobSpec& spec) {
  v1::TrialScheduler& scheduler = *spec.mutable_scheduler();
  if (scheduler.kind_case() == v1::TrialScheduler::KIND_NOT_SET) scheduler.mutable_full();
  if (scheduler.has_median()) {
    v1::MedianScheduler& median = *scheduler.mutable_median();
    if (median.startup_trials() == 0) median.set_startup_trials(kMedianStartupTrials);
    if (median.interval_epochs() == 0) {
      median.set_interval_epochs(
          std::max(1, (spec.budget().epochs() - 1) / kDefaultMedianSteps + 1));
    }
  }
  if (scheduler.has_asha()) {
    v1::AshaScheduler& asha = *scheduler.mutable_asha();
    if (asha.reduction_factor() == 0) asha.set_reduction_factor(kDefaultAshaFactor);
    if (asha.min_epochs() == 0) asha.set_min_epochs(1);
  }
  if (scheduler.has_hyperband()) {
    v1::HyperbandScheduler& hyperband = *scheduler.mutable_hyperband();
    if (hyperband.reduction_factor() == 0) hyperband.set_reduction_factor(kDefaultHyperbandFactor);
    if (hyperband.min_epochs() == 0) hyperband.set_min_epochs(1);
  }
  if (scheduler.has_bohb()) {
    v1::BohbScheduler& bohb = *scheduler.mutable_bohb();
    if (bohb.reduction_factor() == 0) bohb.set_reduction_factor(kDefaultHyperbandFactor);
    if (bohb.min_epochs() == 0) bohb.set_min_epochs(1);
  }
  if (scheduler.has_pbt()) FillPbt(spec);
}

void CheckScheduler(const v1::JobSpec& spec, Problems& problems) {
  const v1::TrialScheduler& scheduler = spec.scheduler();
  const int64_t epochs = spec.budget().epochs();
  if (scheduler.has_median()) CheckMedian(spec, problems);
  if (scheduler.has_pbt()) CheckPbt(spec, problems);
  if (scheduler.has_asha()) {
    const v1::AshaScheduler& asha = scheduler.asha();
    CheckFactor("asha", asha.reduction_factor(), problems);
    CheckMinEpochs("asha", asha.min_epochs(), epochs - 1, "less than budget.epochs", spec,
                   problems);
  }
  const auto check_brackets = [&](absl::string_view kind, int32_t factor, int32_t min_epochs) {
    CheckFactor(kind, factor, problems);
    CheckMinEpochs(kind, min_epochs, epochs / std::max(factor, 2),
                   "at most budget.epochs / reduction_factor", spec, problems);
  };
  if (scheduler.has_hyperband()) {
    check_brackets("hyperband", scheduler.hyperband().reduction_factor(),
                   scheduler.hyperband().min_epochs());
  }
  if (scheduler.has_bohb()) {
    check_brackets("bohb", scheduler.bohb().reduction_factor(), scheduler.bohb().min_epochs());
    if (!spec.sampler().has_tpe()) {
      problems.Add("sampler",
                   "scheduler bohb is hyperband with points from tpe: leave `sampler` "
                   "out, or make it tpe");
    }
  }
}

}  // namespace caviar::search
