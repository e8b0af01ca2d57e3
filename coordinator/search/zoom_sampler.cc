// Coarse to fine. The trial budget is cut into rounds; the first draws from the whole space, each
// later one from a box around the best points known so far, narrower from round to round. A trial's
// round follows from its number alone, and its box from what had ended when it was sampled: no
// barrier, no worker waits at a round's end.
//
// Where the history has trials of other jobs (warm start), the first round has a box too, around
// the best of them.
//
// zoom_schedule.h says how narrow. Rounds, keep and the last round's width were chosen by
// tests/bench/zoom_vs_random.
#include <algorithm>
#include <utility>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/unit_draw.h"
#include "coordinator/search/zoom_box.h"
#include "coordinator/search/zoom_schedule.h"

namespace caviar::search {
namespace {

// Draws that turn out to be points already tried are drawn again this often, the second half from
// the whole space: a box of few whole numbers may have nothing new left.
constexpr uint32_t kRedrawsMax = 16;
// The same where constraints may refuse most draws.
constexpr uint32_t kConstrainedRedrawsMax = 256;

class ZoomSampler : public Sampler {
 public:
  explicit ZoomSampler(const v1::ZoomSampler& settings) : settings_(settings) {
    CAVIAR_CHECK(settings.rounds() >= 1 && settings.keep() > 0 && settings.keep() <= 1);
  }

  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    const bool is_warm = request.history != nullptr && request.history->has_priors();
    const auto schedule = ZoomSchedule::Of(request, settings_.rounds(), is_warm);
    const int round = schedule.RoundOf(request);
    const ZoomBox box = BoxOf(request, schedule, round);
    const bool explores = ExploresWhole(request, settings_.explore());

    const std::vector<double> unit = SobolUnit(request.space, request.seed, request.trial_number);
    Point point = request.space.AtUnit(explores ? unit : box.Inside(unit));
    const uint32_t redraws_max =
        request.space.constraints().empty() ? kRedrawsMax : kConstrainedRedrawsMax;
    for (uint32_t redraw = 0; redraw < redraws_max && !IsWanted(request, point); ++redraw) {
      const std::vector<double> again =
          DrawUnit(request.space, DeriveSeed(request.seed, uint64_t{redraw}), request.trial_number);
      const bool whole = explores || redraw >= redraws_max / 2;
      point = request.space.AtUnit(whole ? again : box.Inside(again));
    }
    if (!request.space.Allows(point)) {
      CAVIAR_ASSIGN_OR_RETURN(point,
                              DrawAllowed(request.space, request.seed, request.trial_number));
    }

    v1::ZoomRound report;
    report.set_round(round + 1);
    report.set_first_trial(
        static_cast<uint32_t>(schedule.FirstPlace(round) + request.enqueued_trials + 1));
    *report.mutable_space() = box.Domains();
    return Proposal{std::move(point), std::move(report)};
  }

 private:
  ZoomBox BoxOf(const SampleRequest& request, const ZoomSchedule& schedule, int round) const {
    if (request.history == nullptr || schedule.IsWhole(round)) return ZoomBox(request.space);
    const std::vector<const Point*> best = request.history->Best(schedule.Kept(settings_.keep()));
    if (best.size() < ZoomSchedule::kBestMin) return ZoomBox(request.space);
    return ZoomBox(request.space, best, schedule.Width(round));
  }

  static bool IsWanted(const SampleRequest& request, const Point& point) {
    return request.space.Allows(point) && !IsKnown(request, point);
  }

  // Whether the point was tried or is being tried. A point with a real value is never drawn
  // twice.
  static bool IsKnown(const SampleRequest& request, const Point& point) {
    for (int i = 0; i < request.space.size(); ++i) {
      const Parameter& parameter = request.space.parameter(i);
      if (!parameter.cardinality().has_value() && point.fields().contains(parameter.name())) {
        return false;
      }
    }
    return request.history != nullptr && request.history->Contains(point);
  }

  v1::ZoomSampler settings_;
};

}  // namespace

std::unique_ptr<Sampler> MakeZoomSampler(const v1::ZoomSampler& settings) {
  return std::make_unique<ZoomSampler>(settings);
}

}  // namespace caviar::search
