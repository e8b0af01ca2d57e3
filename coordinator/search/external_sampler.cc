#include "coordinator/search/sampler.h"

namespace caviar::search {
namespace {

class ExternalSampler : public Sampler {
 public:
  absl::StatusOr<Proposal> Propose(const SampleRequest&) const override {
    return absl::OutOfRangeError("the sampler is external: points are added from outside");
  }
};

}  // namespace

std::unique_ptr<Sampler> MakeExternalSampler() { return std::make_unique<ExternalSampler>(); }

}  // namespace caviar::search
