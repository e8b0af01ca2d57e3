#include "common/status/check.h"
#include "coordinator/search/sampler.h"

namespace caviar::search {

std::unique_ptr<Sampler> MakeSampler(const v1::Sampler& settings, const Space& space) {
  switch (settings.kind_case()) {
    case v1::Sampler::kRandom:
      return MakeRandomSampler();
    case v1::Sampler::kGrid:
      return MakeGridSampler(settings.grid(), space);
    case v1::Sampler::kSobol:
      return MakeSobolSampler();
    case v1::Sampler::kZoom:
      return MakeZoomSampler(settings.zoom());
    case v1::Sampler::kTpe:
      return MakeTpeSampler(settings.tpe(), space);
    case v1::Sampler::kGp:
      return MakeGpSampler(settings.gp());
    case v1::Sampler::kCmaes:
      return MakeCmaesSampler(settings.cmaes(), space);
    case v1::Sampler::kExternal:
      return MakeExternalSampler();
    case v1::Sampler::kAuto:
    case v1::Sampler::KIND_NOT_SET:
      break;
  }
  CAVIAR_CHECK(false) << "a job without sampler was not expanded";
  return nullptr;
}

}  // namespace caviar::search
