#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/sampler.h"

namespace caviar::search {
namespace {

class SobolSampler : public Sampler {
 public:
  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    CAVIAR_ASSIGN_OR_RETURN(Point point,
                            SobolAllowed(request.space, request.seed, request.trial_number));
    return Proposal{std::move(point), std::nullopt};
  }
};

}  // namespace

std::unique_ptr<Sampler> MakeSobolSampler() { return std::make_unique<SobolSampler>(); }

}  // namespace caviar::search
