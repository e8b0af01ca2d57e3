// A tree-structured Parzen estimator: two densities over the space, one of the good trials and one
// of the rest; of some points drawn from the first, the one where it is largest against the second.
// Over whole points, not parameter by parameter, and over the union of all that conditions allow.
//
// Before `startup_trials` have ended, points come from the Sobol sequence. What the method's parts
// are: tpe_split.h, parzen_estimator.h; how they were chosen: docs/search.md.
//
// Reference: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization".
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/axes.h"
#include "coordinator/search/parzen_estimator.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/tpe_split.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

// Where each candidate of a small space was tried before, so many further points are drawn.
constexpr uint32_t kDrawsOfOneTrialMax = 64;
// From here on a proposal takes milliseconds.
constexpr size_t kTpeQuickRowsMax = 20'000;
// A candidate that constraints do not allow is drawn again this often: the density is that of the
// good trials inside what is allowed.
constexpr int kAllowedRedrawsMax = 32;

class TpeSampler : public Sampler {
 public:
  TpeSampler(const v1::TpeSampler& settings, const Space& space, bool learns_at_rungs)
      : settings_(settings), axes_(space), learns_at_rungs_(learns_at_rungs) {
    CAVIAR_CHECK(settings.candidates() >= 1 && settings.prior_weight() > 0);
  }

  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    CAVIAR_CHECK(request.space.size() == axes_.size());
    const Observations* const seen = request.observations;
    const size_t ended = seen == nullptr ? 0 : seen->ranking().size();
    const std::vector<double> start = SobolUnit(request.space, request.seed, request.trial_number);
    if (ended == 0 || ended < static_cast<size_t>(settings_.startup_trials())) {
      CAVIAR_ASSIGN_OR_RETURN(Point point,
                              SobolAllowed(request.space, request.seed, request.trial_number));
      return Proposal{std::move(point), std::nullopt};
    }
    // One more than there are parameters, and two for the smaller group (Falkner et al. 2018, 3.2).
    const size_t rows_min = static_cast<size_t>(axes_.size()) + 3;
    const std::vector<double> place =
        learns_at_rungs_ ? BestCandidate(request, seen->AtHighestRung(rows_min), start)
                         : BestCandidate(request, *seen, start);
    Point point = request.space.AtUnit(Active(place, start));
    if (!request.space.Allows(point)) {
      CAVIAR_ASSIGN_OR_RETURN(point,
                              DrawAllowed(request.space, request.seed, request.trial_number));
    }
    return Proposal{std::move(point), std::nullopt};
  }

  bool ThinksLong(const SampleRequest& request) const override {
    return request.observations != nullptr && request.observations->rows() > kTpeQuickRowsMax;
  }

 private:
  // One that constraints allow, if any of the draws was.
  std::vector<double> BestCandidate(const SampleRequest& request, const Observations& seen,
                                    const std::vector<double>& start) const {
    const auto is_allowed = [&](std::span<const double> place) {
      return request.space.constraints().empty() ||
             request.space.Allows(
                 request.space.AtUnit(Active({place.begin(), place.end()}, start)));
    };
    const TpeSplit split =
        SplitTrials(seen, GoodTrials(seen.ranking().size(), settings_.good_share(),
                                     static_cast<size_t>(settings_.good_max())));
    const ParzenEstimator good(axes_, split.good, settings_.prior_weight());
    const ParzenEstimator rest(axes_, split.rest, settings_.prior_weight());

    const int count = settings_.candidates();
    std::vector<double> places(static_cast<size_t>(count) * axes_.size());
    const auto place = [&](int c) {
      return std::span<double>(places).subspan(static_cast<size_t>(c) * axes_.size(), axes_.size());
    };
    Rng rng(DeriveSeed(DeriveSeed(request.seed, "tpe"), uint64_t{request.trial_number}));
    for (int c = 0; c < count; ++c) {
      good.Draw(rng, place(c));
      for (int redraw = 0; redraw < kAllowedRedrawsMax && !is_allowed(place(c)); ++redraw) {
        good.Draw(rng, place(c));
      }
    }

    std::vector<double> scores = good.LogDensity(places, count);
    const std::vector<double> of_rest = rest.LogDensity(places, count);
    for (int c = 0; c < count; ++c) scores[c] -= of_rest[c];
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&scores](int a, int b) { return scores[a] > scores[b]; });
    for (const int c : order) {
      if (is_allowed(place(c)) && !IsKnown(seen, place(c))) {
        return {place(c).begin(), place(c).end()};
      }
    }
    // Every candidate was tried: draw on, from the prior, and take what comes when that fails too.
    TrialGroup none;
    none.columns.resize(axes_.size());
    const ParzenEstimator prior(axes_, none, settings_.prior_weight());
    std::vector<double> fresh(axes_.size());
    for (uint32_t draw = 0; draw < kDrawsOfOneTrialMax; ++draw) {
      prior.Draw(rng, fresh);
      if (is_allowed(fresh) && !IsKnown(seen, fresh)) return fresh;
    }
    for (const int c : order) {
      if (is_allowed(place(c))) return {place(c).begin(), place(c).end()};
    }
    return fresh;
  }

  // Whether a trial has this point, running ones included; never where a parameter is continuous.
  bool IsKnown(const Observations& seen, std::span<const double> place) const {
    std::vector<uint16_t> cells(axes_.size(), Observations::kNoCell);
    for (int i = 0; i < axes_.size(); ++i) {
      if (std::isnan(place[i])) continue;
      if (axes_[i].kind == Axis::Kind::kContinuous) return false;
      cells[i] = static_cast<uint16_t>(axes_[i].CellAt(place[i]));
    }
    for (size_t row = seen.priors(); row < seen.rows(); ++row) {
      bool is_same = true;
      for (int i = 0; is_same && i < axes_.size(); ++i) {
        is_same = seen.cells(i).empty() ? std::isnan(seen.column(i)[row])
                                        : seen.cells(i)[row] == cells[i];
      }
      if (is_same) return true;
    }
    return false;
  }

  // AtUnit() does not look at inactive parameters, but wants numbers.
  static std::vector<double> Active(std::vector<double> place, const std::vector<double>& start) {
    for (size_t i = 0; i < place.size(); ++i) {
      if (std::isnan(place[i])) place[i] = start[i];
    }
    return place;
  }

  v1::TpeSampler settings_;
  Axes axes_;
  bool learns_at_rungs_;
};

}  // namespace

std::unique_ptr<Sampler> MakeTpeSampler(const v1::TpeSampler& settings, const Space& space,
                                        bool learns_at_rungs) {
  return std::make_unique<TpeSampler>(settings, space, learns_at_rungs);
}

}  // namespace caviar::search
