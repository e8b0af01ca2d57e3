#include "coordinator/search/choose_sampler.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace caviar::search {
namespace {

// Fewer trials leave a model nothing to learn from after its start (tests/bench/run.sh samplers).
constexpr int64_t kModelTrialsMin = 20;

}  // namespace

SamplerChoice ChooseSampler(const v1::JobSpec& spec) {
  const int64_t trials =
      std::max<int64_t>(0, int64_t{spec.budget().trials()} - spec.enqueue_size());
  SamplerChoice choice;
  if (trials < kModelTrialsMin) {
    choice.sampler.mutable_sobol();
    choice.reason = absl::StrCat("sobol, because ", trials,
                                 " trials are too few to learn from; it ", "spreads them evenly");
  } else {
    choice.sampler.mutable_tpe();
    choice.reason = absl::StrCat("tpe, because ", trials, " trials are enough to learn from");
  }
  return choice;
}

}  // namespace caviar::search
