#include "coordinator/search/choose_sampler.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace caviar::search {
namespace {

// Where tests/bench/run.sh samplers saw the better median on most functions change over: from 8
// trials on zoom is ahead of an even spread, from 25 on gp is ahead of zoom.
constexpr int64_t kZoomTrialsMin = 8;
constexpr int64_t kGpTrialsMin = 25;
// More trials than gp's model takes in, and than it can be asked for at some tenths of a second
// each.
constexpr int64_t kGpTrialsMax = 1000;
// Beyond, a Gaussian process with a length scale for each parameter has too much to find out.
constexpr int kGpParametersMax = 30;

bool HasConditions(const v1::JobSpec& spec) {
  for (const auto& [name, domain] : spec.space()) {
    if (domain.when_size() > 0) return true;
  }
  return false;
}

SamplerChoice AmongLearners(const v1::JobSpec& spec, int64_t trials) {
  const std::string what = absl::StrCat(trials, " trials of ", spec.space_size(),
                                        spec.space_size() == 1 ? " parameter" : " parameters");
  SamplerChoice choice;
  if (trials <= kGpTrialsMax && spec.space_size() <= kGpParametersMax) {
    choice.sampler.mutable_gp();
    choice.reason = absl::StrCat("gp, because ", what,
                                 " are few enough for a model of all of them, which gets the most "
                                 "out of each");
  } else if (HasConditions(spec)) {
    choice.sampler.mutable_tpe();
    choice.reason = absl::StrCat("tpe, because ", what,
                                 " are too many for gp, and it tells branches of conditions apart");
  } else {
    choice.sampler.mutable_zoom();
    choice.reason = absl::StrCat("zoom, because ", what,
                                 " are too many for gp, and enough to go from coarse to "
                                 "fine");
  }
  return choice;
}

}  // namespace

SamplerChoice ChooseSampler(const v1::JobSpec& spec) {
  const int64_t trials =
      std::max<int64_t>(0, int64_t{spec.budget().trials()} - spec.enqueue_size());
  SamplerChoice choice;
  if (spec.scheduler().has_pbt()) {
    choice.sampler.mutable_sobol();
    choice.reason = "sobol, because pbt asks for the first points only and changes them itself";
    return choice;
  }
  // What other jobs have found takes the place of a start.
  if (trials >= kGpTrialsMin || spec.warm_start_size() > 0) return AmongLearners(spec, trials);
  if (trials >= kZoomTrialsMin) {
    choice.sampler.mutable_zoom();
    choice.reason = absl::StrCat("zoom, because ", trials,
                                 " trials are too few for a model, but enough to go from coarse to "
                                 "fine");
    return choice;
  }
  choice.sampler.mutable_sobol();
  choice.reason = absl::StrCat("sobol, because fewer than ", kZoomTrialsMin,
                               " trials are too few to learn from, and it spreads them evenly");
  return choice;
}

}  // namespace caviar::search
