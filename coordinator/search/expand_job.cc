#include "coordinator/search/expand_job.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/name.h"
#include "coordinator/search/check_job.h"
#include "coordinator/search/check_scheduler.h"
#include "coordinator/search/choose_sampler.h"
#include "coordinator/search/cmaes_settings.h"
#include "coordinator/search/default_space.h"
#include "coordinator/search/gp_settings.h"
#include "coordinator/search/grid.h"
#include "coordinator/search/lint_job.h"
#include "coordinator/search/problems.h"
#include "coordinator/search/space.h"

namespace caviar::search {
namespace {

constexpr int kDefaultTrials = 60;  // 59 random draws hit the best 5 % with 95 % probability
constexpr int kDefaultEpochs = 20;
constexpr int kDefaultTerminatorTrials = 30;
constexpr int kDefaultRounds = 5;
constexpr double kDefaultKeep = 0.3;
constexpr double kDefaultExplore = 0.1;
constexpr int kTpeStartupTrials = 10;
constexpr int kDefaultCandidates = 24;
constexpr double kDefaultGoodShare = 0.1;
constexpr int kDefaultGoodMax = 25;
constexpr double kDefaultPriorWeight = 1;
constexpr int kDefaultRetestTop = 10;

// A number would name a job by its id.
std::string NameAfterDataset(const std::string& dataset) {
  if (!IsNumberWord(dataset)) return dataset;
  return absl::StrCat("data-", dataset).substr(0, kNameBytesMax);
}

void FillObjective(v1::Objective& objective) {
  if (objective.metric().empty()) objective.set_metric("validation_accuracy");
  if (objective.direction() == v1::Objective::DIRECTION_UNSPECIFIED) {
    objective.set_direction(absl::EndsWith(objective.metric(), "_loss") ? v1::Objective::MINIMIZE
                                                                        : v1::Objective::MAXIMIZE);
  }
}

void FillBudget(v1::Budget& budget) {
  if (!budget.has_trials()) budget.set_trials(kDefaultTrials);
  if (!budget.has_epochs()) budget.set_epochs(kDefaultEpochs);
  if (budget.has_terminator() && budget.terminator().min_trials() == 0) {
    budget.mutable_terminator()->set_min_trials(kDefaultTerminatorTrials);
  }
}

void FillGrid(v1::JobSpec& spec) {
  v1::GridSampler& grid = *spec.mutable_sampler()->mutable_grid();
  if (grid.has_points()) return;
  const absl::StatusOr<Space> space = Space::Create(spec);
  const int trials = spec.budget().trials() - spec.enqueue_size();
  grid.set_points(space.ok() ? GridPointsForBudget(*space, std::max(trials, 1)) : 2);
}

void FillZoom(v1::ZoomSampler& zoom) {
  if (!zoom.has_rounds()) zoom.set_rounds(kDefaultRounds);
  if (!zoom.has_keep()) zoom.set_keep(kDefaultKeep);
  if (!zoom.has_explore()) zoom.set_explore(kDefaultExplore);
}

void FillTpe(v1::TpeSampler& tpe) {
  if (!tpe.has_startup_trials()) tpe.set_startup_trials(kTpeStartupTrials);
  if (tpe.candidates() == 0) tpe.set_candidates(kDefaultCandidates);
  if (tpe.good_share() == 0) tpe.set_good_share(kDefaultGoodShare);
  if (tpe.good_max() == 0) tpe.set_good_max(kDefaultGoodMax);
  if (tpe.prior_weight() == 0) tpe.set_prior_weight(kDefaultPriorWeight);
}

// Returns what was chosen and why; empty if the submitter chose.
std::string FillSampler(v1::JobSpec& spec) {
  v1::Sampler& sampler = *spec.mutable_sampler();
  std::string choice;
  if (sampler.kind_case() == v1::Sampler::KIND_NOT_SET || sampler.has_auto_()) {
    if (spec.scheduler().has_bohb()) {
      sampler.mutable_tpe();
    } else {
      SamplerChoice chosen = ChooseSampler(spec);
      sampler = std::move(chosen.sampler);
      choice = std::move(chosen.reason);
    }
  }
  if (sampler.has_grid()) FillGrid(spec);
  if (sampler.has_zoom()) FillZoom(*sampler.mutable_zoom());
  if (sampler.has_tpe()) FillTpe(*sampler.mutable_tpe());
  if (sampler.has_gp()) FillGp(*sampler.mutable_gp());
  if (sampler.has_cmaes()) FillCmaes(spec.space(), *sampler.mutable_cmaes());
  return choice;
}

}  // namespace

absl::StatusOr<ExpandedJob> ExpandJob(const v1::JobSpec& submitted, const v1::Dataset& dataset,
                                      uint32_t fallback_seed) {
  Problems of_size;
  CheckSizes(submitted, of_size);
  if (!of_size.empty()) return of_size.ToStatus();
  ExpandedJob job;
  v1::JobSpec& spec = job.spec;
  spec = submitted;
  if (spec.name().empty()) spec.set_name(NameAfterDataset(spec.dataset()));
  FillObjective(*spec.mutable_objective());
  FillBudget(*spec.mutable_budget());
  if (spec.space().empty()) {
    *spec.mutable_space() = DefaultSpace(spec.fixed(), dataset.train().rows());
  }
  job.sampler_choice = FillSampler(spec);
  FillScheduler(spec);
  if (spec.has_retest() && spec.retest().top() == 0)
    spec.mutable_retest()->set_top(kDefaultRetestTop);
  if (!spec.has_seed()) spec.set_seed(fallback_seed);
  if (!spec.has_weight()) spec.set_weight(1);

  Problems problems;
  CheckJob(spec, dataset, problems);
  if (!problems.empty()) return problems.ToStatus();
  job.warnings = LintJob(spec, dataset);
  return job;
}

}  // namespace caviar::search
