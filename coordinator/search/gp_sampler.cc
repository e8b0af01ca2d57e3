// Bayesian optimisation: a Gaussian process (gp_kernel.h, gp_fit.h) learns from what has ended, and
// the point that promises most by it (gp_acquisition.h, gp_search.h) is tried next: anywhere in the
// space at first, later mostly in a box around the best that shrinks (gp_region.h). The first point
// is the centre of the space, the next ones come from the Sobol sequence. Trials that still run
// count as if they would come to what is expected of them, so that no two workers get the same.
#include <algorithm>
#include <optional>
#include <utility>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/gp_acquisition.h"
#include "coordinator/search/gp_fit.h"
#include "coordinator/search/gp_model.h"
#include "coordinator/search/gp_region.h"
#include "coordinator/search/gp_search.h"
#include "coordinator/search/known_point.h"
#include "coordinator/search/sampler.h"

namespace caviar::search {
namespace {

// Running trials that are taken into account, the newest: more than a cluster's slots.
constexpr size_t kBelievedMax = 256;
// A slope needs two.
constexpr size_t kEndedMin = 2;
constexpr uint32_t kFreshDrawsMax = 64;

class GpSampler : public Sampler {
 public:
  explicit GpSampler(const v1::GpSampler& settings) : settings_(settings) {
    CAVIAR_CHECK(settings.startup_trials() >= 2);
  }

  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    Proposal proposal;
    const size_t ended = EndedIn(request);
    proposal.note = static_cast<uint32_t>(ended);
    if (!ThinksLong(request)) {
      CAVIAR_ASSIGN_OR_RETURN(proposal.point,
                              StartPoint(request, request.trial_number - request.enqueued_trials));
      return proposal;
    }
    std::optional<Point> promising;
    if (const std::optional<GpRegion> close = CloseRegion(request); close.has_value()) {
      promising = MostPromisingIn(*close, request, ended);
    }
    // Of few whole numbers a small box may have nothing new left.
    if (!promising.has_value()) {
      promising = MostPromisingIn(WholeRegion(request), request, ended);
    }
    if (promising.has_value()) {
      proposal.point = *std::move(promising);
    } else {
      CAVIAR_ASSIGN_OR_RETURN(proposal.point, FreshPoint(request));
    }
    return proposal;
  }

  bool ThinksLong(const SampleRequest& request) const override {
    if (EndedIn(request) < kEndedMin) return false;
    const auto startup = static_cast<uint32_t>(settings_.startup_trials());
    return request.trial_number - request.enqueued_trials > startup ||
           request.observations->priors() >= startup;
  }

 private:
  static size_t EndedIn(const SampleRequest& request) {
    return request.observations == nullptr ? 0 : request.observations->ranking().size();
  }

  static absl::StatusOr<Point> StartPoint(const SampleRequest& request, uint32_t place) {
    Point point = request.space.AtUnit(std::vector<double>(request.space.size(), 0.5));
    if (place != 1 || !request.space.Allows(point)) {
      CAVIAR_ASSIGN_OR_RETURN(point,
                              SobolAllowed(request.space, request.seed, request.trial_number));
    }
    const bool is_new = request.observations == nullptr ||
                        !IsKnownPoint(request.space, *request.observations, point);
    if (is_new) return point;
    return FreshPoint(request);
  }

  // One drawn at random that was not tried yet, if there is one to be found.
  static absl::StatusOr<Point> FreshPoint(const SampleRequest& request) {
    Point point;
    for (uint32_t draw = 0; draw < kFreshDrawsMax; ++draw) {
      CAVIAR_ASSIGN_OR_RETURN(point,
                              DrawAllowed(request.space, DeriveSeed(request.seed, uint64_t{draw}),
                                          request.trial_number));
      if (!IsKnownPoint(request.space, *request.observations, point)) break;
    }
    return point;
  }

  std::optional<Point> MostPromisingIn(const GpRegion& region, const SampleRequest& request,
                                       size_t ended) const {
    const GpModel model = Learnt(region, request);
    return MostPromising(
        {.space = request.space,
         .observations = *request.observations,
         .model = model,
         .acquisition = {.kind = KindFor(request, ended), .best = model.LeastMean()},
         .within = region.box,
         .seed = DeriveSeed(DeriveSeed(request.seed, "gp"), uint64_t{request.trial_number})});
  }

  static GpModel Learnt(const GpRegion& region, const SampleRequest& request) {
    const GpKernel kernel(UnorderedFeatures(request.space));
    GpModel model(kernel, FitGp(kernel, region.fitted), region.seen);
    const Observations& observations = *request.observations;
    std::vector<size_t> running;
    for (size_t row = observations.rows(); row-- > 0 && running.size() < kBelievedMax;) {
      if (observations.row(row).outcome == Observations::Outcome::kPending) running.push_back(row);
    }
    std::reverse(running.begin(), running.end());
    for (const size_t row : running) {
      model.Believe(FeaturesOf(request.space, observations, row));
    }
    return model;
  }

  // A batch explores: the confidence bound is asked once for each new result (the note of the
  // newest proposal counts what had ended when it was made), pure exploration for whoever else is
  // free.
  GpAcquisition::Kind KindFor(const SampleRequest& request, size_t ended) const {
    if (settings_.acquisition() != v1::GpSampler::UCB_PE) return GpAcquisition::Kind::kLogEi;
    const Observations& observations = *request.observations;
    size_t newest = observations.rows();
    while (newest > 0 && observations.row(newest - 1).note == 0) --newest;  // not of the model
    const bool has_news = newest == 0 || observations.row(newest - 1).note < ended;
    return has_news ? GpAcquisition::Kind::kUcb : GpAcquisition::Kind::kExplore;
  }

  v1::GpSampler settings_;
};

}  // namespace

std::unique_ptr<Sampler> MakeGpSampler(const v1::GpSampler& settings) {
  return std::make_unique<GpSampler>(settings);
}

}  // namespace caviar::search
