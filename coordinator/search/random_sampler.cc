#include "coordinator/search/sampler.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

class RandomSampler : public Sampler {
 public:
  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    return Proposal{
        request.space.AtUnit(DrawUnit(request.space, request.seed, request.trial_number)),
        std::nullopt};
  }
};

}  // namespace

std::unique_ptr<Sampler> MakeRandomSampler() { return std::make_unique<RandomSampler>(); }

}  // namespace caviar::search
