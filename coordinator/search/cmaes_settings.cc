#include "coordinator/search/cmaes_settings.h"

#include "absl/strings/str_cat.h"
#include "coordinator/search/cma_es.h"

namespace caviar::search {
namespace {

// Smaller generations have no better half to speak of; larger ones than a thousand would be plain
// random search for most of a job.
constexpr int kPopulationMin = 4;
constexpr int kPopulationMax = 1000;
constexpr double kDefaultSigma = 1.0 / 6;

}  // namespace

void FillCmaes(const google::protobuf::Map<std::string, v1::Domain>& space,
               v1::CmaesSampler& cmaes) {
  if (cmaes.sigma() == 0) cmaes.set_sigma(kDefaultSigma);
  if (cmaes.population() != 0) return;
  int numeric = 0;
  for (const auto& [name, domain] : space) numeric += !domain.has_choice();
  cmaes.set_population(DefaultCmaPopulation(numeric));
}

void CheckCmaes(const v1::CmaesSampler& cmaes, Problems& problems) {
  if (cmaes.population() < kPopulationMin || cmaes.population() > kPopulationMax) {
    problems.Add("sampler.cmaes.population",
                 absl::StrCat("must be in [", kPopulationMin, ", ", kPopulationMax,
                              "], or 0 for 4 + floor(3 ln d), got ", cmaes.population()));
  }
  // Written so that NaN fails too.
  if (!(cmaes.sigma() > 0 && cmaes.sigma() <= 1)) {
    problems.Add("sampler.cmaes.sigma",
                 absl::StrCat("must be in (0, 1], a share of each range, got ", cmaes.sigma()));
  }
}

}  // namespace caviar::search
