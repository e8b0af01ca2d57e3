#include "coordinator/search/choose_sampler.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace caviar::search {
namespace {

// From here on zoom's rounds have enough trials to go by, and it found the best points of all on
// nearly every function of tests/bench/run.sh samplers.
constexpr int64_t kZoomTrialsMin = 20;

}  // namespace

SamplerChoice ChooseSampler(const v1::JobSpec& spec) {
  const int64_t trials =
      std::max<int64_t>(0, int64_t{spec.budget().trials()} - spec.enqueue_size());
  SamplerChoice choice;
  if (spec.scheduler().has_pbt()) {
    choice.sampler.mutable_sobol();
    choice.reason = "sobol, because pbt asks for the first points only and changes them itself";
  } else if (spec.warm_start_size() > 0 && trials < kZoomTrialsMin) {
    choice.sampler.mutable_tpe();
    choice.reason =
        "tpe, because it learns from the trials of the jobs in warm_start from the first point on";
  } else if (trials < kZoomTrialsMin) {
    choice.sampler.mutable_sobol();
    choice.reason = absl::StrCat("sobol, because fewer than ", kZoomTrialsMin,
                                 " trials are too few to learn from, and it spreads them evenly");
  } else {
    choice.sampler.mutable_zoom();
    choice.reason = absl::StrCat("zoom, because ", trials, " trials of ", spec.space_size(),
                                 " parameters are enough to go from coarse to fine");
  }
  return choice;
}

}  // namespace caviar::search
