#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/sampler.h"

namespace caviar::search {
namespace {

class RandomSampler : public Sampler {
 public:
  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    CAVIAR_ASSIGN_OR_RETURN(Point point,
                            DrawAllowed(request.space, request.seed, request.trial_number));
    return Proposal{std::move(point), std::nullopt};
  }
};

}  // namespace

std::unique_ptr<Sampler> MakeRandomSampler() { return std::make_unique<RandomSampler>(); }

}  // namespace caviar::search
