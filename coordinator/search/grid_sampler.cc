#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/search/grid.h"
#include "coordinator/search/sampler.h"

namespace caviar::search {
namespace {

class GridSampler : public Sampler {
 public:
  explicit GridSampler(Grid grid) : grid_(std::move(grid)) {}

  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    const uint64_t index =
        request.trial_number - request.added_trials - request.enqueued_trials - 1;
    if (index >= grid_.size()) {
      return absl::OutOfRangeError(
          absl::StrCat("the grid's ", grid_.size(), " combinations are all sampled"));
    }
    return Proposal{grid_.At(index), std::nullopt};
  }

 private:
  Grid grid_;
};

}  // namespace

std::unique_ptr<Sampler> MakeGridSampler(const v1::GridSampler& settings, const Space& space) {
  return std::make_unique<GridSampler>(Grid(space, settings.points()));
}

}  // namespace caviar::search
