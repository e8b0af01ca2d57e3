// Coarse to fine. The trial budget is cut into rounds; the first draws from the whole space, each
// later one from a box around the best points known so far, narrower from round to round. A trial's
// round follows from its number alone, and its box from what had ended when it was sampled: no
// barrier, no worker waits at a round's end.
//
// Where the history has trials of other jobs (warm start), the first round has a box too, around
// the best of them.
//
// How narrow: widths fall geometrically from the whole scale to kLastWidth / budget in the last
// round: more trials can afford to look closer. Rounds, keep and kLastWidth were chosen by
// tests/bench/zoom_vs_random.
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/unit_draw.h"
#include "coordinator/search/zoom_box.h"

namespace caviar::search {
namespace {

// Width of the last round's box is this over the budget, within the bounds below.
constexpr double kLastWidth = 3.0;
constexpr double kLastWidthMin = 0.002;
constexpr double kLastWidthMax = 0.2;
// A box needs a best point and something to tell its direction.
constexpr size_t kBestMin = 2;
// Draws that turn out to be points already tried are drawn again this often, the second half from
// the whole space: a box of few whole numbers may have nothing new left.
constexpr uint32_t kRedrawsMax = 16;
// The same where constraints may refuse most draws.
constexpr uint32_t kConstrainedRedrawsMax = 256;

struct Round {
  int index = 0;             // from 0
  uint32_t first_trial = 0;  // number of its first trial
};

class ZoomSampler : public Sampler {
 public:
  explicit ZoomSampler(const v1::ZoomSampler& settings) : settings_(settings) {
    CAVIAR_CHECK(settings.rounds() >= 1 && settings.keep() > 0 && settings.keep() <= 1);
  }

  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    const Round round = RoundOf(request);
    const ZoomBox box = BoxOf(request, round);
    const uint64_t explore_seed = DeriveSeed(request.seed, "explore");
    const bool explores = Rng(DeriveSeed(explore_seed, uint64_t{request.trial_number})).Uniform() <
                          settings_.explore();

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
    report.set_round(round.index + 1);
    report.set_first_trial(round.first_trial);
    *report.mutable_space() = box.Domains();
    return Proposal{std::move(point), std::move(report)};
  }

 private:
  uint64_t SampledTrials(const SampleRequest& request) const {
    return std::max<int64_t>(1, int64_t{request.budget_trials} - request.enqueued_trials);
  }

  Round RoundOf(const SampleRequest& request) const {
    const uint64_t sampled = SampledTrials(request);
    const uint64_t rounds = settings_.rounds();
    const uint64_t place = request.trial_number - request.enqueued_trials - 1;
    const uint64_t index = std::min(place * rounds / sampled, rounds - 1);
    const uint64_t first_place = (index * sampled + rounds - 1) / rounds;
    return {static_cast<int>(index),
            static_cast<uint32_t>(first_place + request.enqueued_trials + 1)};
  }

  ZoomBox BoxOf(const SampleRequest& request, const Round& round) const {
    const std::vector<const Point*> best = Best(request);
    const bool is_warm = request.history != nullptr && request.history->has_priors();
    if ((round.index == 0 && !is_warm) || best.size() < kBestMin) return ZoomBox(request.space);
    const double last_width =
        std::clamp(kLastWidth / SampledTrials(request), kLastWidthMin, kLastWidthMax);
    // With a warm start the round from the whole space was that of the other jobs.
    const double progress = is_warm ? static_cast<double>(round.index + 1) / settings_.rounds()
                                    : static_cast<double>(round.index) / (settings_.rounds() - 1);
    return ZoomBox(request.space, best, std::pow(last_width, progress));
  }

  // The best of all ended trials, as many as `keep` of a round.
  std::vector<const Point*> Best(const SampleRequest& request) const {
    if (request.history == nullptr) return {};
    const double share = settings_.keep() * SampledTrials(request) / settings_.rounds();
    const auto wanted = static_cast<size_t>(std::ceil(share));
    return request.history->Best(std::clamp(wanted, kBestMin, History::kBestMax));
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
