#include "coordinator/search/gp_settings.h"

#include "absl/strings/str_cat.h"

namespace caviar::search {
namespace {

// A model needs two points to have a slope; beyond a thousand trials it would see no difference.
constexpr int kStartupMin = 2;
constexpr int kStartupMax = 1000;
constexpr int kDefaultStartup = 10;

}  // namespace

void FillGp(v1::GpSampler& gp) {
  if (gp.startup_trials() == 0) gp.set_startup_trials(kDefaultStartup);
  if (gp.acquisition() == v1::GpSampler::ACQUISITION_UNSPECIFIED) {
    gp.set_acquisition(v1::GpSampler::LOG_EI);
  }
}

void CheckGp(const v1::GpSampler& gp, Problems& problems) {
  if (gp.startup_trials() < kStartupMin || gp.startup_trials() > kStartupMax) {
    problems.Add("sampler.gp.startup_trials",
                 absl::StrCat("must be in [", kStartupMin, ", ", kStartupMax,
                              "], or 0 for 10, got ", gp.startup_trials()));
  }
  if (gp.acquisition() != v1::GpSampler::LOG_EI && gp.acquisition() != v1::GpSampler::UCB_PE) {
    problems.Add("sampler.gp.acquisition", "must be log_ei or ucb_pe");
  }
}

}  // namespace caviar::search
