#include "coordinator/search/sampler.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

class SobolSampler : public Sampler {
 public:
  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    return Proposal{
        request.space.AtUnit(SobolUnit(request.space, request.seed, request.trial_number)),
        std::nullopt};
  }
};

}  // namespace

std::unique_ptr<Sampler> MakeSobolSampler() { return std::make_unique<SobolSampler>(); }

}  // namespace caviar::search
