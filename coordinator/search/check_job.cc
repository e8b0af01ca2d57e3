#include "coordinator/search/check_job.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/hyperparameters/edit_distance.h"
#include "common/text/name.h"
#include "coordinator/search/check_constraints.h"
#include "coordinator/search/check_scheduler.h"
#include "coordinator/search/check_space.h"
#include "coordinator/search/cmaes_settings.h"
#include "coordinator/search/gp_settings.h"
#include "coordinator/search/grid.h"
#include "coordinator/search/job_limits.h"
#include "coordinator/search/space.h"

namespace caviar::search {
namespace {

void CheckName(const std::string& name, Problems& problems) {
  // An empty one means that there is no data set to name it after, which is said elsewhere.
  if (name.empty()) return;
  if (!IsName(name)) {
    problems.Add("name", "must be 1 to 128 letters, digits, dots, underscores and dashes");
  } else if (IsNumberWord(name)) {
    problems.Add("name", "must not be digits alone, which name a job by its id; add a letter");
  }
}

void CheckData(const v1::JobSpec& spec, Problems& problems) {
  if (spec.has_data()) {
    problems.Add("data",
                 "the coordinator opens no files; import them and name the data set in `dataset`");
  } else if (spec.dataset().empty()) {
    problems.Add("dataset", "must name an imported data set");
  }
}

void CheckObjective(const v1::Objective& objective, const v1::Dataset& dataset,
                    Problems& problems) {
  static const auto* const kMetrics =
      new std::vector<std::string>{"validation_accuracy", "validation_loss", "validation_macro_f1",
                                   "train_accuracy", "train_loss"};
  const std::string& metric = objective.metric();
  if (absl::StartsWith(metric, "test_")) {
    problems.Add("objective.metric",
                 absl::StrCat("must not be ", metric,
                              ": choosing by the test part would make its "
                              "result promise too much; use validation_accuracy"));
  } else if (std::find(kMetrics->begin(), kMetrics->end(), metric) == kMetrics->end()) {
    const std::string nearest = NearestName(metric, *kMetrics);
    problems.Add("objective.metric",
                 absl::StrCat("must be one of ", absl::StrJoin(*kMetrics, ", "), "; got ", metric,
                              nearest.empty() ? "" : "; did you mean ", nearest,
                              nearest.empty() ? "" : "?"));
  } else if (absl::StartsWith(metric, "validation_") && dataset.train().rows() > 0 &&
             dataset.validation().rows() == 0) {
    problems.Add("objective.metric", absl::StrCat("data set ", dataset.name(),
                                                  " has no validation rows; import it with a "
                                                  "validation part"));
  }
  if (objective.direction() != v1::Objective::MAXIMIZE &&
      objective.direction() != v1::Objective::MINIMIZE) {
    problems.Add("objective.direction", "must be maximize or minimize");
  }
}

void CheckBetween(absl::string_view path, int64_t value, int64_t min, int64_t max,
                  Problems& problems) {
  if (value < min || value > max) {
    problems.Add(path, absl::StrCat("must be in [", min, ", ", max, "], got ", value));
  }
}

void CheckBudget(const v1::Budget& budget, Problems& problems) {
  CheckBetween("budget.trials", budget.trials(), 1, kTrialsMax, problems);
  CheckBetween("budget.epochs", budget.epochs(), 1, kEpochsMax, problems);
  if (budget.has_total_epochs() && budget.total_epochs() <= 0) {
    problems.Add("budget.total_epochs",
                 absl::StrCat("must be > 0, or absent for no bound of its own, got ",
                              budget.total_epochs()));
  }
  if (budget.has_wall_time() &&
      (budget.wall_time().seconds() < 0 || budget.wall_time().nanos() < 0 ||
       (budget.wall_time().seconds() == 0 && budget.wall_time().nanos() == 0))) {
    problems.Add("budget.wall_time", "must be longer than 0s");
  } else if (budget.wall_time().seconds() > kWallTimeSecondsMax ||
             budget.wall_time().nanos() >= 1'000'000'000) {
    problems.Add("budget.wall_time", absl::StrCat("must be at most ", kWallTimeSecondsMax, "s"));
  }
  if (budget.has_target() && !std::isfinite(budget.target())) {
    problems.Add("budget.target", "must be a finite number");
  }
  if (budget.has_terminator()) {
    CheckBetween("budget.terminator.min_trials", budget.terminator().min_trials(),
                 kTerminatorTrialsMin, kTerminatorTrialsMax, problems);
  }
}

void CheckRetest(const v1::RetestPolicy& retest, Problems& problems) {
  const google::protobuf::Duration& every = retest.every();
  if (!retest.has_every() || every.seconds() < kRetestSecondsMin || every.nanos() < 0) {
    problems.Add("retest.every", "must be given, and at least 1h: 90d is usual");
  } else if (every.seconds() > kWallTimeSecondsMax || every.nanos() >= 1'000'000'000) {
    problems.Add("retest.every", absl::StrCat("must be at most ", kWallTimeSecondsMax, "s"));
  }
  CheckBetween("retest.top", retest.top(), 1, kRetestTopMax, problems);
}

void CheckGrid(const v1::JobSpec& spec, Problems& problems) {
  const int points = spec.sampler().grid().points();
  CheckBetween("sampler.grid.points", points, 1, kGridPointsMax, problems);
  const absl::StatusOr<Space> space = Space::Create(spec);
  if (!space.ok() || points < 1 || points > kGridPointsMax) return;  // said elsewhere
  const uint64_t size = Grid(*space, points).size();
  if (size == 0) {
    problems.Add("sampler.grid",
                 "no combination meets the constraints; use more points, or another sampler");
  } else if (size > Grid::kSizeMax) {
    problems.Add("sampler.grid",
                 absl::StrCat("has more than ", Grid::kSizeMax,
                              " combinations, or conditions on too many parameters at once; use "
                              "fewer points or parameters, or another sampler"));
  }
}

void CheckZoom(const v1::ZoomSampler& zoom, Problems& problems) {
  CheckBetween("sampler.zoom.rounds", zoom.rounds(), 1, kZoomRoundsMax, problems);
  // Written so that NaN fails too.
  if (!(zoom.keep() > 0 && zoom.keep() <= 1)) {
    problems.Add("sampler.zoom.keep", absl::StrCat("must be in (0, 1], got ", zoom.keep()));
  }
  if (!(zoom.explore() >= 0 && zoom.explore() <= 1)) {
    problems.Add("sampler.zoom.explore", absl::StrCat("must be in [0, 1], got ", zoom.explore()));
  }
}

// Written so that NaN fails too.
void CheckTpe(const v1::TpeSampler& tpe, Problems& problems) {
  CheckBetween("sampler.tpe.startup_trials", tpe.startup_trials(), 0, kTrialsMax, problems);
  CheckBetween("sampler.tpe.candidates", tpe.candidates(), 1, kTpeCandidatesMax, problems);
  if (!(tpe.good_share() > 0 && tpe.good_share() <= 1)) {
    problems.Add("sampler.tpe.good_share",
                 absl::StrCat("must be in (0, 1], got ", tpe.good_share()));
  }
  CheckBetween("sampler.tpe.good_max", tpe.good_max(), 1, kTpeGoodMax, problems);
  if (!(tpe.prior_weight() > 0 && tpe.prior_weight() <= kTpePriorWeightMax)) {
    problems.Add("sampler.tpe.prior_weight", absl::StrCat("must be in (0, ", kTpePriorWeightMax,
                                                          "], got ", tpe.prior_weight()));
  }
}

void CheckWarmStart(const v1::JobSpec& spec, Problems& problems) {
  if (spec.warm_start().empty()) return;
  const v1::Sampler& sampler = spec.sampler();
  if (!sampler.has_zoom() && !sampler.has_tpe() && !sampler.has_gp() && !sampler.has_cmaes()) {
    problems.Add("warm_start", "needs a sampler that learns from trials: zoom, tpe, gp or cmaes");
  }
  std::set<std::string> seen;
  for (int i = 0; i < spec.warm_start_size(); ++i) {
    const std::string path = absl::StrCat("warm_start[", i, "]");
    if (spec.warm_start(i).empty()) {
      problems.Add(path, "must be the name or the id of a job");
    } else if (!seen.insert(spec.warm_start(i)).second) {
      problems.Add(path, absl::StrCat("names ", spec.warm_start(i), " twice"));
    }
  }
}

void CheckShares(const v1::JobSpec& spec, Problems& problems) {
  if (spec.max_parallel_trials() < 0) {
    problems.Add("max_parallel_trials",
                 absl::StrCat("must be > 0, or 0 for no bound, got ", spec.max_parallel_trials()));
  }
  if (!(spec.weight() > 0 && std::isfinite(spec.weight()))) {
    problems.Add("weight", absl::StrCat("must be a number > 0, got ", spec.weight()));
  }
}

void CheckSize(absl::string_view path, int64_t size, int64_t max, absl::string_view what,
               Problems& problems) {
  if (size <= max) return;
  problems.Add(path, absl::StrCat("must have at most ", max, " ", what, ", has ", size));
}

}  // namespace

void CheckSizes(const v1::JobSpec& spec, Problems& problems) {
  CheckSize("space", spec.space_size(), kParametersMax, "parameters", problems);
  CheckSize("fixed", spec.fixed().fields_size(), kParametersMax, "hyperparameters", problems);
  CheckSize("enqueue", spec.enqueue_size(), kEnqueueMax, "points", problems);
  CheckSize("warm_start", spec.warm_start_size(), kWarmStartJobsMax, "jobs", problems);
  CheckSize("constraints", spec.constraints_size(), kConstraintsMax, "inequalities", problems);
  for (int i = 0; i < std::min(spec.constraints_size(), kConstraintsMax); ++i) {
    CheckSize(absl::StrCat("constraints[", i, "]"),
              static_cast<int64_t>(spec.constraints(i).size()), kConstraintBytesMax, "characters",
              problems);
  }
  if (spec.space_size() > kParametersMax) return;
  int64_t values = 0;
  std::map<std::string, int> parents;  // by path
  for (const auto& [name, domain] : spec.space()) {
    parents[absl::StrCat("space.", name, ".when")] = domain.when_size();
    for (const auto& [parent, list] : domain.when()) values += list.values_size();
  }
  for (const auto& [path, count] : parents) {
    CheckSize(path, count, kParametersMax, "parameters", problems);
  }
  CheckSize("space", values, kConditionValuesMax, "values in all its `when` together", problems);
}

void CheckJob(const v1::JobSpec& spec, const v1::Dataset& dataset, Problems& problems) {
  CheckName(spec.name(), problems);
  CheckData(spec, problems);
  CheckObjective(spec.objective(), dataset, problems);
  CheckBudget(spec.budget(), problems);
  if (spec.sampler().has_grid()) CheckGrid(spec, problems);
  if (spec.sampler().has_zoom()) CheckZoom(spec.sampler().zoom(), problems);
  if (spec.sampler().has_tpe()) CheckTpe(spec.sampler().tpe(), problems);
  if (spec.sampler().has_gp()) CheckGp(spec.sampler().gp(), problems);
  if (spec.sampler().has_cmaes()) CheckCmaes(spec.sampler().cmaes(), problems);
  CheckScheduler(spec, problems);
  if (spec.has_retest()) CheckRetest(spec.retest(), problems);
  Problems of_space;
  CheckSpace(spec, of_space);
  CheckFixed(spec, of_space);
  CheckEnqueue(spec, of_space);
  if (of_space.empty()) CheckBatchNorm(spec, of_space);
  if (of_space.empty()) CheckConstraints(spec, of_space);
  problems.Add(of_space.ToStatus());
  CheckShares(spec, problems);
  CheckWarmStart(spec, problems);
}

}  // namespace caviar::search
